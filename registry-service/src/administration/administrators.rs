//! Who administers the registry. All of it is for owners, and one owner always stays.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use crate::administration::{Acting, AdministrationError, Conflict, Result};
use crate::domain::access::{Admin, Duty, Role};
use crate::domain::id::AdminId;
use crate::domain::link::LinkSecret;
use crate::domain::text::Email;
use crate::storage::people::AdminAccount;
use crate::storage::{Connection, Deed, List, Wanted, Write, people, session};

/// How long a one-time link works.
const WELCOME_MS: i64 = 24 * 60 * 60 * 1000;

/// An administrator to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdministrator {
    /// Where they read mail; they log in with it.
    pub email: Email,
    /// How much they may do.
    pub role: Role,
}

/// What may be changed about an administrator.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdministratorChanges {
    /// How much they may do.
    pub role: Option<Role>,
}

/// An administrator, and the link that lets them in: for a day, once, and never shown again.
pub struct Invited {
    /// The administrator.
    pub admin: Admin,
    /// The link that sets their password.
    pub link: Url,
}

// === impl Invited ===

impl fmt::Debug for Invited {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Invited(..)")
    }
}

/// Lists administrators, the oldest first unless another order is wanted.
pub async fn list(acting: &Acting, wanted: &Wanted) -> Result<List<AdminAccount>> {
    let mut snapshot = acting.read().await?;
    Ok(people::list(&mut snapshot, wanted).await?)
}

/// Reads an administrator.
pub async fn lookup(acting: &Acting, id: AdminId) -> Result<AdminAccount> {
    let mut snapshot = acting.read().await?;
    existing(&mut snapshot, id).await
}

/// Adds an administrator, who sets a password through the link.
pub async fn add(acting: &Acting, new: NewAdministrator) -> Result<Invited> {
    let mut write = acting.write_secret(Duty::Own).await?;
    let admin = Admin {
        id: AdminId(acting.new_id()),
        email: new.email,
        role: new.role,
    };
    people::add(&mut write, &admin)
        .await
        .map_err(Conflict::Administrator.if_taken())?;
    let link = link(acting, &mut write, admin.id).await?;
    let deed = Deed::new("admin.add", admin.id).became(&admin);
    write.commit(deed).await?;
    Ok(Invited { admin, link })
}

/// Makes a new link for an administrator who lost the password, or the link. Their password and their
/// log-ins stay as they are until it is followed; earlier links stop working.
pub async fn invite_again(acting: &Acting, id: AdminId) -> Result<Invited> {
    let mut write = acting.write_secret(Duty::Own).await?;
    let admin = existing(&mut write, id).await?.admin;
    people::spend_welcome_links(&mut write, id).await?;
    let link = link(acting, &mut write, id).await?;
    write.commit(Deed::new("admin.invite", id)).await?;
    Ok(Invited { admin, link })
}

/// Changes how much an administrator may do.
pub async fn change(
    acting: &Acting,
    id: AdminId,
    changes: AdministratorChanges,
) -> Result<AdminAccount> {
    let mut write = acting.write(Duty::Own).await?;
    let before = existing(&mut write, id).await?;
    acting.expect(before.updated_at)?;
    let role = changes.role.unwrap_or(before.admin.role);
    if role != Role::Owner {
        keep_an_owner(&mut write, &before.admin).await?;
    }
    let now = write.now.later_than(before.updated_at);
    people::set_role(&mut write, id, (role, now)).await?;
    let after = existing(&mut write, id).await?;
    let deed = Deed::new("admin.update", id).was(&before.admin);
    write.commit(deed.became(&after.admin)).await?;
    Ok(after)
}

/// Removes an administrator with their tokens and log-ins.
pub async fn remove(acting: &Acting, id: AdminId) -> Result<()> {
    let mut write = acting.write(Duty::Own).await?;
    let before = existing(&mut write, id).await?;
    acting.expect(before.updated_at)?;
    keep_an_owner(&mut write, &before.admin).await?;
    session::end_all(&mut write, id).await?;
    people::remove(&mut write, id).await?;
    let deed = Deed::new("admin.remove", id).was(&before.admin);
    write.commit(deed).await?;
    Ok(())
}

async fn existing(connection: &mut Connection, id: AdminId) -> Result<AdminAccount> {
    people::lookup(connection, id)
        .await?
        .ok_or(AdministrationError::Unknown)
}

/// Refuses to lose an administrator who is the last owner.
async fn keep_an_owner(connection: &mut Connection, admin: &Admin) -> Result<()> {
    if admin.role == Role::Owner && people::count_owners(connection).await? <= 1 {
        return Err(Conflict::LastOwner.into());
    }
    Ok(())
}

async fn link(acting: &Acting, write: &mut Write, admin: AdminId) -> Result<Url> {
    let secret = LinkSecret::new(acting.new_id());
    let end = write.now.plus_ms(WELCOME_MS);
    people::add_welcome_link(write, admin, (secret.digest(), end)).await?;
    let mut link = acting.registry.settings.admin_url.clone();
    link.set_path("/welcome");
    link.query_pairs_mut()
        .append_pair("token", &secret.reveal());
    Ok(link)
}
