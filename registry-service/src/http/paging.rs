//! Lists in pages, as Konnect asks for them and answers.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// Which page is wanted, where Konnect's document has the word: it allows `page[size]=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LenientPaging(pub Paging);

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
    #[serde(rename = "page[size]")]
    size: Option<String>,
    #[serde(rename = "page[number]")]
    number: Option<String>,
}

// === impl Paging ===

impl Paging {
    fn parse(parameters: &Parameters) -> Result<Self, Problem> {
        let size = number(parameters.size.as_deref())?.unwrap_or(DEFAULT_SIZE);
        let number = number(parameters.number.as_deref())?.unwrap_or(1);
        if !(1..=MAX_SIZE).contains(&size) {
            return Err(refused("page[size]", "must be between 1 and 100"));
        }
        if number == 0 {
            return Err(refused("page[number]", "must be at least 1"));
        }
        Ok(Self { size, number })
    }

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
        Self::parse(&Parameters::read(parts, state).await?)
    }
}

// === impl LenientPaging ===

impl<S: Send + Sync> FromRequestParts<S> for LenientPaging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Parameters { size, number } = Parameters::read(parts, state).await?;
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let parameters = Parameters {
            size: filled(size),
            number: filled(number),
        };
        Paging::parse(&parameters).map(Self)
    }
}

// === impl Parameters ===

impl Parameters {
    async fn read<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let parameters = Query::from_request_parts(parts, state).await;
        let Query(parameters) = parameters.map_err(|_| not_numbers())?;
        Ok(parameters)
    }
}

fn usize_of(number: i64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn number(text: Option<&str>) -> Result<Option<u32>, Problem> {
    let number = text.map(str::parse).transpose();
    number.map_err(|_| not_numbers())
}

fn not_numbers() -> Problem {
    refused("page", "must be whole numbers")
}

fn refused(field: &str, reason: &str) -> Problem {
    Problem::invalid(InvalidParameter {
        field: field.to_owned(),
        rule: "range",
        reason: reason.to_owned(),
        source: "query",
    })
}
