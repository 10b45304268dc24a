//! Reading an OpenAPI document: strictly where we show something, leniently elsewhere.

mod message;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::domain::specification::reference::Found;
use crate::domain::specification::{
    InvalidSpecification, LARGEST, Method, OpenApi, Operation, Server,
};

type Result<T> = std::result::Result<T, InvalidSpecification>;

/// Which of OpenAPI's two kinds of documents it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// 2.0, when it was called Swagger.
    Two,
    /// 3.0 or 3.1.
    Three,
}

/// A document that is read.
struct Document<'a> {
    root: &'a Value,
    kind: Kind,
}

// === impl OpenApi ===

impl OpenApi {
    /// Reads a document.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > LARGEST {
            return Err(InvalidSpecification::TooLarge);
        }
        if text.contains('\0') {
            return Err(InvalidSpecification::Nul);
        }
        let root = value(text)?;
        let whole = Found::root(&root).object()?;
        let (kind, written_in) = kind(&whole)?;
        let information = whole
            .member("info")
            .ok_or_else(|| whole.refused("`info` is missing"))?
            .object()?;
        let document = Document { root: &root, kind };
        Ok(Self {
            title: information.required_text("title")?,
            version: information.required_text("version")?,
            description: information.text("description")?,
            servers: document.servers(&whole)?,
            operations: document.operations(&whole, &written_in)?,
            written_in,
        })
    }
}

// === impl Document ===

impl<'a> Document<'a> {
    fn servers(&self, whole: &Found<'a>) -> Result<Vec<Server>> {
        if self.kind == Kind::Two {
            return servers_of_two(whole);
        }
        let server = |server: Found<'a>| {
            Ok(Server {
                url: server.required_text("url")?,
                description: server.text("description")?,
            })
        };
        whole.items("servers")?.into_iter().map(server).collect()
    }

    fn operations(&self, whole: &Found<'a>, written_in: &str) -> Result<Vec<Operation>> {
        let Some(paths) = whole.member("paths") else {
            // Since 3.1 a document may describe components or webhooks alone.
            return if written_in.starts_with("3.1") {
                Ok(Vec::new())
            } else {
                Err(whole.refused("`paths` is missing"))
            };
        };
        let mut operations = Vec::new();
        for (path, item) in paths.object()?.members() {
            if path.starts_with("x-") {
                continue;
            }
            if !path.starts_with('/') {
                return Err(item.refused("a path must begin with `/`"));
            }
            operations.append(&mut self.operations_at(path, &item.resolved(self.root)?)?);
        }
        unique_ids(&operations)?;
        Ok(operations)
    }

    fn operations_at(&self, path: &str, item: &Found<'a>) -> Result<Vec<Operation>> {
        let mut operations = Vec::new();
        for name in Method::NAMES {
            if let (Some(found), Ok(method)) = (item.member(name), name.parse()) {
                let found = found.object()?;
                operations.push(self.operation((path, method), &found, item)?);
            }
        }
        Ok(operations)
    }

    fn operation(
        &self,
        (path, method): (&str, Method),
        found: &Found<'a>,
        item: &Found<'a>,
    ) -> Result<Operation> {
        let tag = |tag: Found<'a>| match tag.value.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(tag.refused("must be text")),
        };
        let tags: Result<_> = found.items("tags")?.into_iter().map(tag).collect();
        let (parameters, request) = self.asked(found, item)?;
        Ok(Operation {
            path: path.to_owned(),
            method,
            id: found.text("operationId")?,
            summary: found.text("summary")?,
            description: found.text("description")?,
            tags: tags?,
            is_deprecated: found.switch("deprecated")?,
            parameters,
            request,
            responses: self.responses(found)?,
        })
    }
}

/// Parses JSON, or YAML, of which JSON would be a part if it had not its own words for mistakes.
fn value(text: &str) -> Result<Value> {
    let syntax = |reason: String| InvalidSpecification::Syntax {
        // The parsers draw the place over many lines; the first says what and where.
        reason: reason.lines().next().unwrap_or_default().to_owned(),
    };
    if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| syntax(error.to_string()))
    } else {
        serde_saphyr::from_str(text).map_err(|error| syntax(error.to_string()))
    }
}

fn kind(whole: &Found<'_>) -> Result<(Kind, String)> {
    if let Some(version) = whole.text("openapi")? {
        let is_known = version.starts_with("3.0") || version.starts_with("3.1");
        return if is_known {
            Ok((Kind::Three, version))
        } else {
            Err(whole.refused("`openapi` must be 3.0 or 3.1"))
        };
    }
    match whole.text("swagger")? {
        Some(version) if version == "2.0" => Ok((Kind::Two, version)),
        Some(_) => Err(whole.refused("`swagger` must be \"2.0\"")),
        None => {
            Err(whole.refused("must say `openapi: 3.0.x`, `openapi: 3.1.x` or `swagger: \"2.0\"`"))
        }
    }
}

/// Puts URLs together of schemes, host and base path.
fn servers_of_two(whole: &Found<'_>) -> Result<Vec<Server>> {
    let base = whole.text("basePath")?.unwrap_or_default();
    let server = |url: String| Server {
        url,
        description: None,
    };
    let Some(host) = whole.text("host")? else {
        let has_base = !base.is_empty();
        return Ok(has_base.then(|| server(base)).into_iter().collect());
    };
    let schemes = whole.items("schemes")?;
    let schemes: Vec<_> = schemes
        .iter()
        .filter_map(|one| one.value.as_str())
        .collect();
    if schemes.is_empty() {
        return Ok(vec![server(format!("//{host}{base}"))]);
    }
    let url = |scheme: &str| server(format!("{scheme}://{host}{base}"));
    Ok(schemes.into_iter().map(url).collect())
}

fn unique_ids(operations: &[Operation]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for operation in operations {
        if let Some(id) = &operation.id
            && !seen.insert(id)
        {
            return Err(InvalidSpecification::At {
                place: format!("paths.{}.{}", operation.path, operation.method),
                reason: format!("`operationId` `{id}` is another operation's too"),
            });
        }
    }
    Ok(())
}
