//! What a developer does who has logged in (Konnect's Portal Client API v2).

use keystile_protocol::id::{ApplicationId, CredentialId, ProductVersionId};
use serde_json::{Value, json};

use super::{Answer, Caller};
use crate::error::StageError;

/// A developer with a session.
#[derive(Debug, Clone)]
pub struct Developer {
    caller: Caller,
}

/// A registration as its developer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Identifies it.
    pub id: String,
    /// `pending`, `approved`, `rejected` or `revoked`.
    pub status: String,
}

/// A credential at the only moment when its key is known.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedKey {
    /// Identifies the credential.
    pub id: CredentialId,
    /// The key.
    pub key: String,
}

// === impl Developer ===

impl Developer {
    pub(super) fn new(caller: Caller) -> Self {
        Self { caller }
    }

    /// Returns the caller, for requests that have no function here.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whether the catalogue offers to register for a version.
    pub fn is_open(&self, product: &str, version: ProductVersionId) -> Result<bool, StageError> {
        let path = format!("/api/v2/products/{product}/versions/{version}");
        let answer = self.caller.get(&path)?.expect(200)?;
        // Front-ends read the first one only.
        let enabled = "/registration_configs/0/registration_enabled";
        Ok(answer.body.pointer(enabled) == Some(&Value::Bool(true)))
    }

    /// Lists the applications that could be registered for a version.
    pub fn eligible_applications(
        &self,
        product: &str,
        version: ProductVersionId,
    ) -> Result<Vec<ApplicationId>, StageError> {
        let path =
            format!("/api/v2/products/{product}/versions/{version}/applications?unregistered=true");
        self.caller.get(&path)?.expect(200)?.ids()
    }

    /// Creates an application.
    pub fn create_application(
        &self,
        name: &str,
        reference: &str,
    ) -> Result<ApplicationId, StageError> {
        let body = json!({"name": name, "reference_id": reference});
        self.caller
            .post("/api/v2/applications", &body)?
            .expect(201)?
            .parse("/id")
    }

    /// Deletes an application, and with it its registrations and credentials.
    pub fn delete_application(&self, application: ApplicationId) -> Result<(), StageError> {
        let path = format!("/api/v2/applications/{application}");
        self.caller.delete(&path)?.expect(204).map(drop)
    }

    /// Asks for access of an application to a version.
    pub fn request_access(
        &self,
        application: ApplicationId,
        version: ProductVersionId,
    ) -> Result<Registration, StageError> {
        let path = format!("/api/v2/applications/{application}/registrations");
        let answer = self
            .caller
            .post(&path, &json!({"product_version_id": version}))?
            .expect(201)?;
        registration(&answer)
    }

    /// Looks a registration up.
    pub fn registration(
        &self,
        application: ApplicationId,
        registration_id: &str,
    ) -> Result<Registration, StageError> {
        let path = format!("/api/v2/applications/{application}/registrations/{registration_id}");
        registration(&self.caller.get(&path)?.expect(200)?)
    }

    /// Generates a credential.
    pub fn issue_key(
        &self,
        application: ApplicationId,
        display_name: &str,
    ) -> Result<IssuedKey, StageError> {
        let path = format!("/api/v2/applications/{application}/credentials");
        let answer = self
            .caller
            .post(&path, &json!({"display_name": display_name}))?
            .expect(201)?;
        IssuedKey::from_answer(&answer)
    }

    /// Deletes a credential.
    pub fn delete_credential(
        &self,
        application: ApplicationId,
        credential: CredentialId,
    ) -> Result<(), StageError> {
        let path = format!("/api/v2/applications/{application}/credentials/{credential}");
        self.caller.delete(&path)?.expect(204).map(drop)
    }
}

// === impl IssuedKey ===

impl IssuedKey {
    pub(super) fn from_answer(answer: &Answer) -> Result<Self, StageError> {
        Ok(Self {
            id: answer.parse("/id")?,
            key: answer.parse("/credential")?,
        })
    }
}

impl std::fmt::Debug for IssuedKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "IssuedKey({}, ..)", self.id)
    }
}

fn registration(answer: &Answer) -> Result<Registration, StageError> {
    Ok(Registration {
        id: answer.parse("/id")?,
        status: answer.parse("/status")?,
    })
}
