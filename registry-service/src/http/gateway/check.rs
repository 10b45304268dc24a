//! `POST /gateway/v1/check`: what is known of a key?

use std::sync::Arc;

use aide::NoApi;
use axum::extract::{Request, State};
use axum::response::Response;
use keystile_protocol::check::{CheckRequest, CheckResponse};
use keystile_protocol::wire;

use crate::http::body;
use crate::http::gateway::format::Format;
use crate::http::problem::Problem;
use crate::registry::Registry;

/// Answers facts about one key; the gateway decides.
pub(super) async fn check(
    State(registry): State<Arc<Registry>>,
    NoApi(request): NoApi<Request>,
) -> Result<Response, Problem> {
    let format = Format::accepted(request.headers(), wire::CHECK)?;
    let sent = Format::sent(request.headers(), wire::CHECK)?;
    let bytes = body::read(request, &()).await?;
    let question: CheckRequest = sent.decode(&bytes)?;
    let (position, outcome) = registry.storage.check(question.digest).await?;
    let answer = CheckResponse {
        epoch: position.epoch,
        revision: position.head,
        digest: question.digest,
        outcome,
    };
    Ok(format.answer(format.encode(&answer)?.into(), wire::CHECK))
}
