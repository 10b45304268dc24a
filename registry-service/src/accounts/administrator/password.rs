//! Administrators' passwords: the first one through a one-time link, later ones with the old one.

use crate::accounts::AccountError;
use crate::accounts::attempt::begin_again;
use crate::domain::access::{Actor, Admin};
use crate::domain::id::AdminId;
use crate::domain::link::LinkSecret;
use crate::domain::password::{Password, PasswordHash, Salt};
use crate::domain::session::SignedIn;
use crate::hashing::HashingError;
use crate::registry::Registry;
use crate::storage::{Connection, Deed, people, session};

/// Returns whose one-time link it is, if it still works.
pub async fn welcome(registry: &Registry, secret: LinkSecret) -> Result<Admin, AccountError> {
    let mut snapshot = registry.storage.read().await?;
    follow(&mut snapshot, (registry, secret)).await
}

/// Sets the password of whoever a one-time link was made for. Every such link of theirs stops working,
/// and every log-in ends.
pub async fn set_password(
    registry: &Registry,
    secret: LinkSecret,
    text: String,
) -> Result<Admin, AccountError> {
    let password = Password::choose(text)?;
    // An unknown link costs no hashing, and the actor is known before the write begins.
    let admin = welcome(registry, secret).await?;
    let hash = hashed(registry, password).await?;
    let now = registry.clock.now();
    let actor = Actor::Admin(admin.id);
    let mut write = registry.storage.write(actor, now).await?;
    let admin = follow(&mut write, (registry, secret)).await?;
    people::spend_welcome_links(&mut write, admin.id).await?;
    people::set_password(&mut write, admin.id, &hash).await?;
    session::end_all(&mut write, admin.id).await?;
    write
        .commit(Deed::new("admin.set-password", admin.id))
        .await?;
    Ok(admin)
}

/// Changes an administrator's password, who gives the old one. Every other log-in ends.
pub async fn change_password(
    registry: &Registry,
    signed_in: SignedIn<AdminId>,
    (old, text): (Password, String),
) -> Result<(), AccountError> {
    let password = Password::choose(text)?;
    let hash = hashed(registry, password).await?;
    let (mut write, known) = begin_again(registry, signed_in, old).await?;
    let admin = known.admin.id;
    people::set_password(&mut write, admin, &hash).await?;
    session::end_others(&mut write, admin, signed_in.login()).await?;
    write
        .commit(Deed::new("admin.change-password", admin))
        .await?;
    Ok(())
}

async fn follow(
    connection: &mut Connection,
    (registry, secret): (&Registry, LinkSecret),
) -> Result<Admin, AccountError> {
    let link = people::find_welcome_link(connection, secret.digest())
        .await?
        .ok_or(AccountError::UnknownLink)?;
    link.spend(registry.clock.now())?;
    people::lookup(connection, link.owner)
        .await?
        .map(|found| found.admin)
        .ok_or(AccountError::UnknownLink)
}

async fn hashed(registry: &Registry, password: Password) -> Result<PasswordHash, HashingError> {
    // A UUID is a very good salt (PHC string format, section "Function duties").
    let salt = Salt(registry.random.uuid().into_bytes());
    registry.hashing.hash(password, salt).await
}
