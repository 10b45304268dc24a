//! A plan that comes true, a step at a time through the admin API.

mod path;

use serde_json::{Map, Value, json};

use crate::declaration::client::{Client, ClientError};
use crate::declaration::objects::{Kind, Name, Objects};
use crate::declaration::plan::{Deed, Step};
use crate::declaration::present::Ids;

/// Why a step was not carried out. Those before it were.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The registry did not take it.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// It names what is not there.
    #[error("there is no {0}")]
    Missing(Name),
    /// It is for good.
    #[error("`{0}` cannot change: remove it and declare it anew")]
    Immutable(&'static str),
}

/// Carries steps out.
#[derive(Debug)]
pub struct Worker<'a> {
    /// Where.
    pub client: &'a Client,
    /// What the API calls what is there; what is made is added.
    pub ids: Ids,
    /// Everything that is declared.
    pub declared: &'a Objects,
}

// === impl Worker ===

impl Worker<'_> {
    /// Carries a step out.
    pub fn carry_out(&mut self, step: &Step) -> Result<(), StepError> {
        let name = &step.name;
        match &step.deed {
            Deed::Add(content) => {
                let made = self.add(name, content)?;
                self.ids.note(name.clone(), &made);
            }
            Deed::Change(differences) => {
                let changes = differences.iter();
                let changes = changes.map(|(field, _, shall)| (field.clone(), shall.clone()));
                self.change(name, changes.collect())?;
            }
            Deed::Remove => {
                self.client.delete(&self.path(name)?)?;
                self.ids.forget(name);
            }
        }
        Ok(())
    }

    fn add(&self, name: &Name, content: &Map<String, Value>) -> Result<Value, StepError> {
        let mut body = self.body(name, content)?;
        match name.kind {
            Kind::Portal => return Ok(self.client.patch(&self.path(name)?, &body)?),
            Kind::Publication => return Ok(self.client.put(&self.path(name)?, &body)?),
            Kind::Strategy => set(&mut body, "strategy_type", json!("key_auth")),
            // The service that is declared comes by itself.
            Kind::Version if self.declares_service(name) => {
                set(&mut body, "gateway_service", Value::Null);
            }
            Kind::Service => {
                if let [_, _] = name.names.as_slice() {
                    let version = json!(self.id(&version_of(name))?);
                    set(&mut body, "product_version_id", version);
                }
            }
            _ => {}
        }
        own_name(name, &mut body);
        Ok(self.client.post(&self.list(name)?, &body)?)
    }

    fn change(&self, name: &Name, changes: Map<String, Value>) -> Result<(), StepError> {
        match name.kind {
            Kind::Publication => {
                let whole = self.declared.things.get(name).map(|object| &object.content);
                let body = self.body(name, whole.unwrap_or(&changes))?;
                self.client.put(&self.path(name)?, &body)?;
                return Ok(());
            }
            Kind::Application if changes.contains_key("strategy") => {
                return Err(StepError::Immutable("strategy"));
            }
            Kind::Application => return self.change_application(name, changes),
            _ => {}
        }
        // The API takes what a strategy settles as a whole, and moves a document it puts elsewhere.
        let is_whole = matches!(name.kind, Kind::Strategy | Kind::Document);
        let declared = self.declared.things.get(name).filter(|_| is_whole);
        let body = self.body(name, declared.map_or(&changes, |object| &object.content))?;
        self.client.patch(&self.path(name)?, &body)?;
        Ok(())
    }

    fn change_application(
        &self,
        name: &Name,
        mut changes: Map<String, Value>,
    ) -> Result<(), StepError> {
        let id = self.id(name)?;
        if let Some(groups) = changes.shift_remove("groups") {
            let path = format!("/admin/v1/applications/{id}/groups");
            self.client.put(&path, &json!({"groups": groups}))?;
        }
        if !changes.is_empty() {
            let path = format!("/admin/v1/applications/{id}");
            self.client.patch(&path, &Value::Object(changes))?;
        }
        Ok(())
    }

    /// Returns what the API takes for what is declared: ids for names, and its own shapes.
    fn body(&self, name: &Name, content: &Map<String, Value>) -> Result<Value, StepError> {
        let mut body = content.clone();
        match name.kind {
            Kind::Portal => {
                if let Some(strategy) = body.shift_remove("default_strategy") {
                    let id = self.strategy(&strategy)?;
                    body.insert("default_application_auth_strategy_id".to_owned(), id);
                }
            }
            Kind::Strategy => {
                let shown = body.shift_remove("display_name");
                return Ok(json!({"display_name": shown, "configs": {"key-auth": body}}));
            }
            Kind::Document => self.document(name, &mut body)?,
            Kind::Specification => {
                if let Some(content) = body.get_mut("content") {
                    *content = encoded(content);
                }
            }
            Kind::Application => {
                if let Some(strategy) = body.shift_remove("strategy") {
                    body.insert("auth_strategy_id".to_owned(), self.strategy(&strategy)?);
                }
            }
            Kind::Service => self.service(&mut body)?,
            Kind::Publication => self.publication(name, &mut body)?,
            Kind::Registration => self.registration(name, &mut body)?,
            Kind::Product | Kind::Version => {}
        }
        Ok(Value::Object(body))
    }

    fn document(&self, name: &Name, body: &mut Map<String, Value>) -> Result<(), StepError> {
        let Some(parent) = body.shift_remove("parent") else {
            return Ok(());
        };
        let id = match (parent.as_str(), name.names.first()) {
            (Some(slug), Some(product)) => {
                json!(self.id(&Name::new(Kind::Document, &[product, slug]))?)
            }
            _ => Value::Null,
        };
        body.insert("parent_document_id".to_owned(), id);
        Ok(())
    }

    fn service(&self, body: &mut Map<String, Value>) -> Result<(), StepError> {
        if let Some(anonymous) = body
            .get_mut("key_auth")
            .and_then(|key_auth| key_auth.get_mut("anonymous"))
            && let Some(reference) = anonymous.as_str()
        {
            *anonymous = json!(self.id(&Name::new(Kind::Application, &[reference]))?);
        }
        if let Some(Value::Object(acl)) = body.get_mut("acl") {
            // A change merges into what is there: the other rule has to go.
            for rule in ["allow", "deny"] {
                acl.entry(rule).or_insert(Value::Null);
            }
        }
        Ok(())
    }

    fn publication(&self, name: &Name, body: &mut Map<String, Value>) -> Result<(), StepError> {
        let strategy = body.shift_remove("strategy").unwrap_or_default();
        let ids = match strategy {
            Value::Null => json!([]),
            strategy => json!([self.strategy(&strategy)?]),
        };
        body.insert("auth_strategy_ids".to_owned(), ids);
        // The API says it of a publication, and means the version.
        let version = self.declared.things.get(&version_of(name));
        let deprecated = version.and_then(|version| version.content.get("deprecated"));
        let deprecated = deprecated.cloned().unwrap_or(json!(false));
        body.insert("deprecated".to_owned(), deprecated);
        Ok(())
    }

    fn registration(&self, name: &Name, body: &mut Map<String, Value>) -> Result<(), StepError> {
        if self.ids.find(name).is_some() {
            return Ok(());
        }
        if let [reference, product, version] = name.names.as_slice() {
            let application = self.id(&Name::new(Kind::Application, &[reference]))?;
            let version = self.id(&Name::new(Kind::Version, &[product, version]))?;
            body.insert("application_id".to_owned(), json!(application));
            body.insert("product_version_id".to_owned(), json!(version));
        }
        Ok(())
    }

    fn strategy(&self, name: &Value) -> Result<Value, StepError> {
        let name = Name::new(Kind::Strategy, &[name.as_str().unwrap_or_default()]);
        Ok(json!(self.id(&name)?))
    }

    fn declares_service(&self, version: &Name) -> bool {
        let service = Name {
            kind: Kind::Service,
            names: version.names.clone(),
        };
        self.declared.things.contains_key(&service)
    }

    fn id(&self, name: &Name) -> Result<&str, StepError> {
        let found = self.ids.find(name);
        found.ok_or_else(|| StepError::Missing(name.clone()))
    }
}

/// Names the version that something of it belongs to.
fn version_of(name: &Name) -> Name {
    Name {
        kind: Kind::Version,
        names: name.names.clone(),
    }
}

fn set(body: &mut Value, member: &str, value: Value) {
    if let Value::Object(members) = body {
        members.insert(member.to_owned(), value);
    }
}

/// Says what a new thing is called, where its content does not.
fn own_name(name: &Name, body: &mut Value) {
    let field = match (name.kind, name.names.len()) {
        (Kind::Document, _) => "slug",
        (Kind::Application, _) => "reference_id",
        (Kind::Specification | Kind::Registration, _) | (Kind::Service, 2) => return,
        _ => "name",
    };
    set(body, field, json!(name.names.last()));
}

fn encoded(content: &Value) -> Value {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    json!(BASE64_STANDARD.encode(content.as_str().unwrap_or_default()))
}
