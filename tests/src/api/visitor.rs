//! What somebody does who is not logged in.

use serde_json::json;

use super::{Caller, Developer};
use crate::error::StageError;

/// Somebody who looks at the portal.
#[derive(Debug, Clone)]
pub struct Visitor {
    caller: Caller,
}

// === impl Visitor ===

impl Visitor {
    /// Acts through a caller.
    pub fn new(caller: Caller) -> Self {
        Self { caller }
    }

    /// Asks for an account; a link is mailed.
    pub fn sign_up(&self, email: &str, full_name: &str) -> Result<(), StageError> {
        let body = json!({"email": email, "full_name": full_name});
        self.caller
            .post("/api/v2/developer", &body)?
            .expect(201)
            .map(drop)
    }

    /// Shows the token of a mailed link and sets a password with what comes back.
    pub fn set_password(&self, token: &str, password: &str) -> Result<(), StageError> {
        let verified = self
            .caller
            .post("/api/v2/developer/verify-email", &json!({"token": token}))?
            .expect(202)?;
        let token: String = verified.parse("/token")?;
        let body = json!({"password": password, "token": token});
        self.caller
            .post("/api/v2/developer/reset-password", &body)?
            .expect(204)
            .map(drop)
    }

    /// Logs in; the cookies stay with the developer who comes back.
    pub fn log_in(self, email: &str, password: &str) -> Result<Developer, StageError> {
        let body = json!({"username": email, "password": password});
        self.caller
            .post("/api/v2/developer/authenticate", &body)?
            .expect(204)?;
        Ok(Developer::new(self.caller))
    }
}
