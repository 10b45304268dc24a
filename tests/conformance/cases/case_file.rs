//! Files of cases: `{"meta": {..}, "<list>": [..]}`, read so that nothing is skipped.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// An item of a file: what it calls itself, and what it holds or why that cannot be read.
#[derive(Debug)]
pub struct Item<T> {
    /// Its `id`, or its place in the list if it has none.
    pub id: String,
    /// What it holds, or why that is not understood.
    pub content: Result<T, String>,
}

/// Why a file is not one of cases.
#[derive(Debug, thiserror::Error)]
pub enum InvalidFile {
    /// It cannot be read.
    #[error("cannot read it: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is not JSON.
    #[error("it is no JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// A member is missing, or is not what it should be.
    #[error("it needs `{0}`")]
    Missing(String),
    /// A member nobody knows.
    #[error("it has a member `{0}`, which is unknown")]
    Unknown(String),
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

/// Reads a file whose items are in a list of this name.
pub fn read<T: DeserializeOwned>(path: &Path, list: &str) -> Result<Vec<Item<T>>, InvalidFile> {
    parse(&fs::read_to_string(path)?, list)
}

/// Parses the text of a file.
pub fn parse<T: DeserializeOwned>(text: &str, list: &str) -> Result<Vec<Item<T>>, InvalidFile> {
    let mut members: Map<String, Value> = serde_json::from_str(text)?;
    if !members.remove("meta").is_some_and(|meta| meta.is_object()) {
        return Err(InvalidFile::Missing("meta".to_owned()));
    }
    let Some(Value::Array(items)) = members.remove(list) else {
        return Err(InvalidFile::Missing(list.to_owned()));
    };
    if let Some((name, _)) = members.into_iter().next() {
        return Err(InvalidFile::Unknown(name));
    }
    Ok(items.into_iter().enumerate().map(item).collect())
}

fn item<T: DeserializeOwned>((index, value): (usize, Value)) -> Item<T> {
    let id = Named::deserialize(&value).map_or_else(|_| format!("#{index}"), |named| named.id);
    let content = serde_json::from_value(value).map_err(|error| error.to_string());
    Item { id, content }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct One {
        #[expect(dead_code, reason = "it has to be there")]
        id: String,
    }

    #[test]
    fn an_item_that_is_not_understood_is_there_and_has_its_name() {
        let text = r#"{"meta":{},"cases":[{"id":"a"},{"id":"b","odd":1},{}]}"#;
        let items = parse::<One>(text, "cases").unwrap();
        assert_eq!(items[0].id, "a");
        assert!(items[0].content.is_ok());
        assert_eq!(items[1].id, "b");
        assert!(items[1].content.as_ref().unwrap_err().contains("`odd`"));
        assert_eq!(items[2].id, "#2");
        assert!(items[2].content.is_err());
    }

    #[test]
    fn a_file_with_another_shape_is_refused() {
        for (text, named) in [
            (r#"{"cases":[]}"#, "meta"),
            (r#"{"meta":{},"requests":[]}"#, "cases"),
            (r#"{"meta":{},"cases":[],"more":[]}"#, "more"),
        ] {
            let error = parse::<One>(text, "cases").unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
