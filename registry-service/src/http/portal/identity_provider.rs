//! What Konnect leaves to an identity provider. There is none here: whoever asks for something that
//! exists hears that it cannot be done, in the words Konnect's document has for that.

use std::sync::Arc;

use axum::extract::State;

use crate::domain::id::{ApplicationId, ProductVersionId, RegistrationId};
use crate::http::path::Named;
use crate::http::portal::signed_in::Developer;
use crate::http::problem::{InvalidParameter, Problem};
use crate::registry::Registry;
use crate::self_service::{application, registration};

/// Refuses a log-in elsewhere; the portal's context says that there is none.
pub(super) async fn single_sign_on() -> Problem {
    Problem::invalid_query("returnTo", "is of no use: single sign-on is not available")
}

/// Refuses to name scopes of a registration.
pub(super) async fn scopes_of_registration(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(ids): Named<(ApplicationId, RegistrationId)>,
) -> Result<Problem, Problem> {
    registration::lookup(&registry, signed_in, ids).await?;
    Ok(no_scopes())
}

/// Refuses to name scopes of an application, whatever the product version.
pub(super) async fn scopes_of_version(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named((application, _)): Named<(ApplicationId, ProductVersionId)>,
) -> Result<Problem, Problem> {
    application::lookup(&registry, signed_in, application).await?;
    Ok(no_scopes())
}

/// Refuses a new client secret: applications have keys, any number of them.
pub(super) async fn refresh_secret(
    State(registry): State<Arc<Registry>>,
    Developer(signed_in): Developer,
    Named(id): Named<ApplicationId>,
) -> Result<Problem, Problem> {
    application::lookup(&registry, signed_in, id).await?;
    Ok(Problem::invalid(InvalidParameter {
        field: "applicationId".to_owned(),
        rule: "invalid",
        reason: "has keys and no client secret: issue another key instead".to_owned(),
        source: "path",
    }))
}

fn no_scopes() -> Problem {
    Problem::unprocessable("the auth strategy has no scopes").titled("Unsupported IDP")
}
