//! Lists in pages, as Konnect asks for them and answers.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::http::problem::{InvalidParameter, Problem};
use crate::storage::{List, Range};

/// How many items a page has unless asked otherwise.
const DEFAULT_SIZE: u32 = 10;

/// How many items a page has at most.
const MAX_SIZE: u32 = 100;

/// Which page is wanted: `page[size]` and `page[number]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    size: u32,
    number: u32,
}

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Listed<T> {
    /// The items.
    pub data: Vec<T>,
    /// Where the page is in the list.
    pub meta: Meta,
}

/// What is said about a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Meta {
    /// Where the page is in the list.
    pub page: PageMeta,
}

/// Where a page is in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PageMeta {
    /// Which page it is, from 1.
    pub number: u32,
    /// How many items a page has.
    pub size: u32,
    /// How many items the list has.
    pub total: i64,
}

#[derive(Deserialize)]
struct Parameters {
    #[serde(default, rename = "page[size]", deserialize_with = "number")]
    size: Option<u32>,
    #[serde(default, rename = "page[number]", deserialize_with = "number")]
    number: Option<u32>,
}

// === impl Paging ===

impl Paging {
    /// Returns which rows make the page.
    pub fn range(self) -> Range {
        Range {
            limit: i64::from(self.size),
            offset: i64::from(self.size) * i64::from(self.number - 1),
        }
    }

    /// Returns the part of a list that makes the page.
    pub fn part<T>(self, all: Vec<T>) -> List<T> {
        let range = self.range();
        let (limit, offset) = (usize_of(range.limit), usize_of(range.offset));
        List {
            total: i64::try_from(all.len()).unwrap_or(i64::MAX),
            items: all.into_iter().skip(offset).take(limit).collect(),
        }
    }

    /// Returns the page of a list that was read for its range.
    pub fn answer<T, U>(self, list: List<T>, item: impl FnMut(T) -> U) -> Listed<U> {
        Listed {
            data: list.items.into_iter().map(item).collect(),
            meta: Meta {
                page: PageMeta {
                    number: self.number,
                    size: self.size,
                    total: list.total,
                },
            },
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let parameters: Result<Query<Parameters>, _> =
            Query::from_request_parts(parts, state).await;
        let Ok(Query(Parameters { size, number })) = parameters else {
            return Err(refused("page", "must be whole numbers"));
        };
        let (size, number) = (size.unwrap_or(DEFAULT_SIZE), number.unwrap_or(1));
        if !(1..=MAX_SIZE).contains(&size) {
            return Err(refused("page[size]", "must be between 1 and 100"));
        }
        if number == 0 {
            return Err(refused("page[number]", "must be at least 1"));
        }
        Ok(Self { size, number })
    }
}

fn usize_of(number: i64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Reads a number that may be empty: Konnect's document allows `page[size]=`.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(D::Error::custom)
}

fn refused(field: &str, reason: &str) -> Problem {
    Problem::invalid(InvalidParameter {
        field: field.to_owned(),
        rule: "range",
        reason: reason.to_owned(),
        source: "query",
    })
}
