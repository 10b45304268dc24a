//! Ids in paths.

use std::str::FromStr;

use crate::domain::id::InvalidId;
use crate::http::problem::Problem;

/// Parses an id of a path; what is no id names nothing, like an id nobody has.
pub(super) fn id<T: FromStr<Err = InvalidId>>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
