//! A specification as a page shows it: its operations by tag, with what they take and answer.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::specification::{Content, Member, Message, OpenApi, Operation, Parameter};
use crate::http::pages::portal::product::html;

/// A specification as a page shows it.
#[derive(Serialize)]
pub(super) struct Reference {
    title: String,
    version: String,
    written_in: String,
    description: Option<String>,
    servers: Vec<String>,
    groups: Vec<Group>,
}

/// The operations with a tag.
#[derive(Serialize)]
struct Group {
    tag: Option<String>,
    operations: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    method: &'static str,
    path: String,
    summary: Option<String>,
    description: Option<String>,
    is_deprecated: bool,
    parameters: Vec<Row>,
    request: Option<Body>,
    responses: Vec<(String, Body)>,
}

/// A parameter, or a member of an object.
#[derive(Serialize)]
struct Row {
    name: String,
    location: Option<String>,
    shape: String,
    is_required: bool,
    description: Option<String>,
}

#[derive(Serialize)]
struct Body {
    description: Option<String>,
    is_required: bool,
    contents: Vec<Shaped>,
}

#[derive(Serialize)]
struct Shaped {
    media_type: String,
    shape: String,
    members: Vec<Row>,
}

// === impl Reference ===

impl Reference {
    /// Prepares what a specification describes.
    pub(super) fn of(described: OpenApi) -> Self {
        Self {
            groups: groups(described.operations),
            title: described.title,
            version: described.version,
            written_in: described.written_in,
            description: rendered(described.description),
            servers: described.servers.into_iter().map(|one| one.url).collect(),
        }
    }
}

/// Groups operations by their first tag, in the order in which tags first come.
fn groups(operations: Vec<Operation>) -> Vec<Group> {
    let mut places: BTreeMap<Option<String>, usize> = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for operation in operations {
        let tag = operation.tags.first().cloned();
        let place = *places.entry(tag.clone()).or_insert(groups.len());
        let shown = shown(operation);
        match groups.get_mut(place) {
            Some(group) => group.operations.push(shown),
            None => groups.push(Group {
                tag,
                operations: vec![shown],
            }),
        }
    }
    groups
}

fn shown(operation: Operation) -> Shown {
    let answer = |(status, message)| (status, body(message));
    Shown {
        method: operation.method.name(),
        path: operation.path,
        summary: operation.summary,
        description: rendered(operation.description),
        is_deprecated: operation.is_deprecated,
        parameters: operation.parameters.into_iter().map(parameter).collect(),
        request: operation.request.map(body),
        responses: operation.responses.into_iter().map(answer).collect(),
    }
}

fn parameter(parameter: Parameter) -> Row {
    Row {
        name: parameter.name,
        location: Some(parameter.location),
        shape: parameter.shape,
        is_required: parameter.is_required,
        description: rendered(parameter.description),
    }
}

fn member(member: Member) -> Row {
    Row {
        name: member.name,
        location: None,
        shape: member.shape,
        is_required: member.is_required,
        description: rendered(member.description),
    }
}

fn body(message: Message) -> Body {
    let media = |content: Content| Shaped {
        media_type: content.media_type,
        shape: content.shape,
        members: content.members.into_iter().map(member).collect(),
    };
    Body {
        description: rendered(message.description),
        is_required: message.is_required,
        contents: message.contents.into_iter().map(media).collect(),
    }
}

fn rendered(markdown: Option<String>) -> Option<String> {
    markdown.map(|text| html(&text, None))
}
