//! What administrators do with their accounts: set a password through a one-time link, log in on pages,
//! give the password again, change it, log out.
//!
//! Administrators have no API of their own accounts: programs come with access tokens.

mod login;
mod password;

use crate::domain::access::{Actor, Admin, Administrator, Scope};
use crate::domain::client::DeviceSecret;
use crate::domain::id::AdminId;
use crate::domain::session::{SessionSecret, SignedIn};
use crate::domain::timestamp::Timestamp;

pub use login::{authenticate_again, log_in, log_out, visit};
pub use password::{change_password, set_password, welcome};

/// An administrator who is logged in on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Who.
    pub admin: Admin,
    /// By which log-in.
    pub signed_in: SignedIn<AdminId>,
}

/// A log-in on a page, for the cookies that carry it.
#[derive(Debug)]
pub struct Login {
    /// What the browser shows from now on.
    pub secret: SessionSecret,
    /// Who is logged in.
    pub present: Present,
    /// What the browser is known by at the next log-in, if this is one.
    pub device: Option<DeviceSecret>,
}

// === impl Present ===

impl Present {
    /// Returns the administrator as one who acts, at a time: with what is theirs to do, and with the
    /// word whether the password was given lately.
    pub fn administrator(&self, now: Timestamp) -> Administrator {
        Administrator {
            actor: Actor::Admin(self.admin.id),
            id: Some(self.admin.id),
            role: self.admin.role,
            scopes: vec![Scope::Admin],
            may_make_secrets: self.signed_in.may_make_secrets(now),
        }
    }
}
