//! Schemas in words, for people who look at a table of parameters.

use serde_json::Value;

use crate::domain::specification::Member;

/// How deep an array of arrays is put into words.
const DEEPEST: usize = 4;

/// How many references are followed to find an object's members.
const LONGEST_CHAIN: usize = 8;

/// Puts a schema into words: `string (uuid)`, `array of Pet`, `one of Cat, Dog`.
pub(super) fn words(schema: &Value) -> String {
    in_words(schema, DEEPEST)
}

/// Returns the members of an object's schema, or of the objects of an array.
pub(super) fn members(root: &Value, schema: &Value) -> Vec<Member> {
    let Some(object) = object(root, schema) else {
        return Vec::new();
    };
    let required: Vec<&str> = strings(object.get("required")).collect();
    let properties = object.get("properties").and_then(Value::as_object);
    let member = |(name, schema): (&String, &Value)| Member {
        name: name.clone(),
        shape: words(schema),
        is_required: required.contains(&name.as_str()),
        description: schema
            .get("description")
            .and_then(Value::as_str)
            .map(str::to_owned),
    };
    properties.into_iter().flatten().map(member).collect()
}

/// Finds the object behind references and arrays.
fn object<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let mut found = schema;
    for _ in 0..LONGEST_CHAIN {
        if let Some(reference) = found.get("$ref").and_then(Value::as_str) {
            found = root.pointer(reference.strip_prefix('#')?)?;
        } else if let Some(items) = found.get("items") {
            found = items;
        } else {
            return Some(found);
        }
    }
    None
}

fn in_words(schema: &Value, deeper: usize) -> String {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    for (keyword, words) in [("oneOf", "one of "), ("anyOf", "any of "), ("allOf", "")] {
        if let Some(choices) = schema.get(keyword).and_then(Value::as_array) {
            return format!("{words}{}", list(choices, deeper));
        }
    }
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        let choices: Vec<_> = choices.iter().map(ToString::to_string).collect();
        return choices.join(" or ");
    }
    match (kind(schema).as_str(), schema.get("items")) {
        ("array", Some(items)) if deeper > 0 => format!("array of {}", in_words(items, deeper - 1)),
        ("", _) if schema.get("properties").is_some() => "object".to_owned(),
        ("", _) => "anything".to_owned(),
        (kind, _) => match schema.get("format").and_then(Value::as_str) {
            Some(format) => format!("{kind} ({format})"),
            None => kind.to_owned(),
        },
    }
}

fn list(choices: &[Value], deeper: usize) -> String {
    if deeper == 0 {
        return "several".to_owned();
    }
    let words = choices.iter().map(|choice| in_words(choice, deeper - 1));
    words.collect::<Vec<_>>().join(", ")
}

/// Returns the type: one name, or several since 3.1.
fn kind(schema: &Value) -> String {
    match schema.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        kinds @ Some(Value::Array(_)) => strings(kinds).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    }
}

fn strings(list: Option<&Value>) -> impl Iterator<Item = &str> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str)
}
