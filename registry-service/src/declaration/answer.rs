//! What the admin API answers, taken apart into what a declaration says.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

/// Returns a version's specification as it is declared.
pub(super) fn specification(found: &Value) -> Value {
    let bytes = BASE64_STANDARD.decode(text(found, "content"));
    let content = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    json!({"name": member(found, "name"), "content": content.unwrap_or_default()})
}

/// Puts documents beneath each other. They come in order, parents before their children.
pub(super) fn tree(beneath: &mut BTreeMap<String, Vec<Value>>, parent: &str) -> Value {
    let found = beneath.remove(parent).unwrap_or_default();
    let documents = found.into_iter().enumerate().map(|(index, found)| {
        let mut document = some_of(&found, &["slug", "title", "status", "content"]);
        if member(&found, "position").as_u64() != u64::try_from(index).ok() {
            document.insert("position".to_owned(), member(&found, "position").clone());
        }
        let children = tree(beneath, &text(&found, "id"));
        document.insert("documents".to_owned(), children);
        Value::Object(document)
    });
    Value::Array(documents.collect())
}

/// Returns the members of an answer that say something.
pub(super) fn some_of(answer: &Value, names: &[&str]) -> Map<String, Value> {
    let member = |&name: &&str| {
        let value = answer.get(name).filter(|value| !value.is_null())?;
        Some((name.to_owned(), value.clone()))
    };
    names.iter().filter_map(member).collect()
}

/// Returns a member of an answer, or null.
pub(super) fn member<'a>(answer: &'a Value, name: &str) -> &'a Value {
    answer.get(name).unwrap_or(&Value::Null)
}

/// Orders things by a member.
pub(super) fn by_name(mut items: Vec<Value>, name: &str) -> Vec<Value> {
    items.sort_by_key(|item| text(item, name));
    items
}

/// Returns a member that is text, or nothing of it.
pub(super) fn text(value: &Value, name: &str) -> String {
    member(value, name).as_str().unwrap_or_default().to_owned()
}
