//! Services.

use sqlx::Any;
use sqlx::Row as _;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;

use crate::domain::change::Change;
use crate::domain::id::{ProductVersionId, ServiceId};
use crate::domain::service::{Acl, AclRule, KeyAuth, Service, ServiceName};
use crate::domain::text::Line;
use crate::storage::list::{Field, Kind, Select};
use crate::storage::row::{
    found_by, json, json_or_none, moment, parsed, parsed_or_none, switch, to_json,
};
use crate::storage::{Connection, List, Result, StorageError, Wanted, Write};

/// What lists of services may be asked by.
const FIELDS: &[Field] = &[
    Field::named("id", "service_id", Kind::Id),
    // A service's name is in lower case.
    Field::column("name", Kind::Text("name")),
    Field::column("product_version_id", Kind::Id),
    Field::named("public", "is_public", Kind::Switch),
    Field::column("created_at", Kind::Moment),
    Field::column("updated_at", Kind::Moment),
];

/// Lists services, by name unless another order is wanted.
pub async fn list(connection: &mut Connection, wanted: &Wanted) -> Result<List<Service>> {
    Select::new("*", "service", "name")
        .wanted(FIELDS, wanted)?
        .list(connection, wanted.range, service)
        .await
}

/// Reads a service.
pub async fn lookup(connection: &mut Connection, id: ServiceId) -> Result<Option<Service>> {
    let text = "select * from service where service_id = $1";
    found_by(connection, (text, id.to_string()), service).await
}

/// Reads the service of a product version.
pub async fn find_by_version(
    connection: &mut Connection,
    id: ProductVersionId,
) -> Result<Option<Service>> {
    let text = "select * from service where product_version_id = $1";
    found_by(connection, (text, id.to_string()), service).await
}

/// Whether a name is taken.
pub async fn is_taken(connection: &mut Connection, name: &ServiceName) -> Result<bool> {
    let row = sqlx::query("select service_id from service where name = $1")
        .bind(name.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Adds a service.
pub async fn add(write: &mut Write, service: &Service) -> Result<()> {
    let query = sqlx::query(
        "insert into service (service_id, created_at, name, product_version_id, proxy_url, \
         key_names, key_in_header, key_in_query, key_in_body, hide_credentials, anonymous, \
         run_on_preflight, realm, value_prefix, acl_rule, acl_groups, hide_groups_header, \
         is_public, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, \
         $14, $15, $16, $17, $18, $19)",
    );
    let query = query
        .bind(service.id.to_string())
        .bind(service.created_at.0);
    bind(query, service)?.execute(&mut **write).await?;
    write.changed(Change::Service(service.id));
    Ok(())
}

/// Keeps a service as it is now.
pub async fn update(write: &mut Write, service: &Service) -> Result<()> {
    let query = sqlx::query(
        "update service set name = $3, product_version_id = $4, proxy_url = $5, key_names = $6, \
         key_in_header = $7, key_in_query = $8, key_in_body = $9, hide_credentials = $10, \
         anonymous = $11, run_on_preflight = $12, realm = $13, value_prefix = $14, \
         acl_rule = $15, acl_groups = $16, hide_groups_header = $17, is_public = $18, \
         updated_at = $19 where service_id = $1 and created_at = $2",
    );
    let query = query
        .bind(service.id.to_string())
        .bind(service.created_at.0);
    bind(query, service)?.execute(&mut **write).await?;
    write.changed(Change::Service(service.id));
    Ok(())
}

/// Removes a service: its routes are unmapped from then on.
pub async fn remove(write: &mut Write, id: ServiceId) -> Result<()> {
    sqlx::query("delete from service where service_id = $1")
        .bind(id.to_string())
        .execute(&mut **write)
        .await?;
    write.changed(Change::Service(id));
    Ok(())
}

type AnyQuery<'q> = Query<'q, Any, AnyArguments>;

/// Binds everything but id and birth, `$3` to `$19`.
fn bind<'q>(query: AnyQuery<'q>, service: &Service) -> Result<AnyQuery<'q>> {
    let query = query
        .bind(service.name.as_str().to_owned())
        .bind(service.product_version.map(|id| id.to_string()))
        .bind(service.proxy_url.as_ref().map(ToString::to_string));
    let query = bind_key_auth(query, &service.key_auth)?;
    Ok(bind_acl(query, service.acl.as_ref())?
        .bind(i64::from(service.public))
        .bind(service.updated_at.0))
}

fn bind_key_auth<'q>(query: AnyQuery<'q>, key_auth: &KeyAuth) -> Result<AnyQuery<'q>> {
    let names = key_auth.key_names.as_ref();
    let names = names.map(|names| to_json(names, "key_names")).transpose()?;
    Ok(query
        .bind(names)
        .bind(i64::from(key_auth.key_in_header))
        .bind(i64::from(key_auth.key_in_query))
        .bind(i64::from(key_auth.key_in_body))
        .bind(i64::from(key_auth.hide_credentials))
        .bind(key_auth.anonymous.map(|id| id.to_string()))
        .bind(i64::from(key_auth.run_on_preflight))
        .bind(key_auth.realm.as_ref().map(ToString::to_string))
        .bind(
            key_auth
                .value_prefix
                .as_ref()
                .map(|prefix| prefix.as_str().to_owned()),
        ))
}

fn bind_acl<'q>(query: AnyQuery<'q>, acl: Option<&Acl>) -> Result<AnyQuery<'q>> {
    let (rule, groups) = match acl.map(|acl| &acl.rule) {
        None => (None, None),
        Some(AclRule::Allow(groups)) => (Some("allow"), Some(groups)),
        Some(AclRule::Deny(groups)) => (Some("deny"), Some(groups)),
    };
    let groups = groups
        .map(|groups| to_json(groups, "acl_groups"))
        .transpose()?;
    let hides = acl.is_some_and(|acl| acl.hide_groups_header);
    Ok(query.bind(rule).bind(groups).bind(i64::from(hides)))
}

fn service(row: &AnyRow) -> Result<Service> {
    Ok(Service {
        id: parsed(row, "service_id")?,
        name: parsed(row, "name")?,
        product_version: parsed_or_none(row, "product_version_id")?,
        proxy_url: parsed_or_none(row, "proxy_url")?,
        key_auth: key_auth(row)?,
        acl: acl(row)?,
        public: switch(row, "is_public")?,
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
    })
}

fn key_auth(row: &AnyRow) -> Result<KeyAuth> {
    Ok(KeyAuth {
        key_names: json_or_none(row, "key_names")?,
        key_in_header: switch(row, "key_in_header")?,
        key_in_query: switch(row, "key_in_query")?,
        key_in_body: switch(row, "key_in_body")?,
        hide_credentials: switch(row, "hide_credentials")?,
        anonymous: parsed_or_none(row, "anonymous")?,
        run_on_preflight: switch(row, "run_on_preflight")?,
        realm: parsed_or_none(row, "realm")?,
        value_prefix: parsed_or_none(row, "value_prefix")?,
    })
}

fn acl(row: &AnyRow) -> Result<Option<Acl>> {
    let rule: Option<String> = row.try_get("acl_rule")?;
    let groups = |row| json::<Vec<Line<128>>>(row, "acl_groups");
    let rule = match rule.as_deref() {
        None => return Ok(None),
        Some("allow") => AclRule::Allow(groups(row)?),
        Some("deny") => AclRule::Deny(groups(row)?),
        Some(_) => return Err(StorageError::Corrupt { column: "acl_rule" }),
    };
    Ok(Some(Acl {
        rule,
        hide_groups_header: switch(row, "hide_groups_header")?,
    }))
}
