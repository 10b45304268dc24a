//! What an operation asks for and answers.

use serde_json::Value;

use crate::domain::specification::read::{Document, Kind, Result};
use crate::domain::specification::reference::Found;
use crate::domain::specification::{Content, Member, Message, Parameter, shape};

/// What 2.0 takes when an operation names no media type.
const ANY: &str = "*/*";

const LOCATIONS: [&str; 6] = ["path", "query", "header", "cookie", "body", "formData"];

/// What a request says, and what it sends.
type Asked = (Vec<Parameter>, Option<Message>);

// === impl Document ===

impl<'a> Document<'a> {
    /// Reads the parameters of an operation and of its path, and the body.
    pub(super) fn asked(&self, operation: &Found<'a>, item: &Found<'a>) -> Result<Asked> {
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut request = self.request(operation)?;
        let own = operation.items("parameters")?;
        for found in own.into_iter().chain(item.items("parameters")?) {
            let found = found.resolved(self.root)?;
            let parameter = parameter(&found)?;
            match parameter.location.as_str() {
                "body" => request = Some(self.body_of_two(operation, &found)?),
                "formData" => self.add_field(operation, &mut request, &parameter)?,
                _ if parameters.iter().any(|other| is_same(other, &parameter)) => {
                    // The operation's own comes first and counts.
                }
                _ => parameters.push(parameter),
            }
        }
        Ok((parameters, request))
    }

    /// Reads the answers of an operation, by status.
    pub(super) fn responses(&self, operation: &Found<'a>) -> Result<Vec<(String, Message)>> {
        let Some(responses) = operation.member("responses") else {
            return Ok(Vec::new());
        };
        let mut messages = Vec::new();
        for (status, found) in responses.object()?.members() {
            if status.starts_with("x-") {
                continue;
            }
            if !is_status(status) {
                return Err(
                    found.refused("must be under a status such as `200`, `4XX` or `default`")
                );
            }
            let found = found.resolved(self.root)?;
            messages.push((status.to_owned(), self.response(operation, &found)?));
        }
        Ok(messages)
    }

    fn request(&self, operation: &Found<'a>) -> Result<Option<Message>> {
        let Some(body) = operation.member("requestBody") else {
            return Ok(None);
        };
        self.message(&body.resolved(self.root)?).map(Some)
    }

    fn response(&self, operation: &Found<'a>, found: &Found<'a>) -> Result<Message> {
        if self.kind == Kind::Three {
            return self.message(found);
        }
        let schema = found.member("schema");
        let contents = match &schema {
            Some(schema) => self.contents_of_two(operation, "produces", schema.value)?,
            None => Vec::new(),
        };
        Ok(Message {
            description: found.text("description")?,
            is_required: false,
            contents,
        })
    }

    fn message(&self, found: &Found<'a>) -> Result<Message> {
        let contents = match found.member("content") {
            None => Vec::new(),
            Some(contents) => contents.object()?.members(),
        };
        let content = |(media_type, found): (&str, Found<'a>)| {
            self.content(
                media_type,
                found.value.get("schema").unwrap_or(&Value::Null),
            )
        };
        Ok(Message {
            description: found.text("description")?,
            is_required: found.switch("required")?,
            contents: contents.into_iter().map(content).collect(),
        })
    }

    fn body_of_two(&self, operation: &Found<'a>, found: &Found<'a>) -> Result<Message> {
        let schema = found.value.get("schema").unwrap_or(&Value::Null);
        Ok(Message {
            description: found.text("description")?,
            is_required: found.switch("required")?,
            contents: self.contents_of_two(operation, "consumes", schema)?,
        })
    }

    /// Adds a field to the form that 2.0 spreads over parameters.
    fn add_field(
        &self,
        operation: &Found<'a>,
        request: &mut Option<Message>,
        field: &Parameter,
    ) -> Result<()> {
        if request.is_none() {
            *request = Some(Message {
                description: None,
                is_required: false,
                contents: self.contents_of_two(operation, "consumes", &Value::Null)?,
            });
        }
        let contents = request.iter_mut().flat_map(|form| &mut form.contents);
        for content in contents {
            "form".clone_into(&mut content.shape);
            content.members.push(Member {
                name: field.name.clone(),
                shape: field.shape.clone(),
                is_required: field.is_required,
                description: field.description.clone(),
            });
        }
        Ok(())
    }

    /// Reads the media types of 2.0: the operation's, else the document's.
    fn contents_of_two(
        &self,
        operation: &Found<'a>,
        list: &str,
        schema: &Value,
    ) -> Result<Vec<Content>> {
        let mut types = operation.items(list)?;
        if types.is_empty() {
            types = Found::root(self.root).items(list)?;
        }
        let mut names: Vec<_> = types.iter().filter_map(|one| one.value.as_str()).collect();
        if names.is_empty() {
            names.push(ANY);
        }
        let content = |name: &str| self.content(name, schema);
        Ok(names.into_iter().map(content).collect())
    }

    fn content(&self, media_type: &str, schema: &Value) -> Content {
        Content {
            media_type: media_type.to_owned(),
            shape: shape::words(schema),
            members: shape::members(self.root, schema),
        }
    }
}

fn parameter(found: &Found<'_>) -> Result<Parameter> {
    let location = found.required_text("in")?;
    if !LOCATIONS.contains(&location.as_str()) {
        let reason = format!("`in` must be one of {}", LOCATIONS.join(", "));
        return Err(found.refused(&reason));
    }
    Ok(Parameter {
        name: found.required_text("name")?,
        is_required: found.switch("required")?,
        description: found.text("description")?,
        // In 2.0 a parameter is its own schema.
        shape: shape::words(found.value.get("schema").unwrap_or(found.value)),
        location,
    })
}

fn is_same(one: &Parameter, other: &Parameter) -> bool {
    (&one.name, &one.location) == (&other.name, &other.location)
}

fn is_status(text: &str) -> bool {
    let bytes = text.as_bytes();
    text == "default"
        || matches!(bytes, [b'1'..=b'5', b'X', b'X'])
        || matches!(bytes, [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'])
}
