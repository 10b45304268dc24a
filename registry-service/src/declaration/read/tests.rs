//! Files that are taken, and what is said of those that are not.

use std::fs;

use super::*;

const SMALL: &str = "
keystile: 1
strategies:
  - {name: keys, key_names: [apikey]}
products:
  - name: Weather
    versions:
      - name: v1
        service: {name: weather-v1}
        publication: {publish_status: published, strategy: keys}
";

fn read_text(text: &str) -> Result<Declaration, InvalidDeclaration> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.yaml");
    fs::write(&path, text).unwrap();
    read(&path)
}

fn mistakes(text: &str) -> Vec<String> {
    match read_text(text) {
        Err(InvalidDeclaration::Mistaken { mistakes, .. }) => mistakes
            .iter()
            .map(|Mistake { field, reason }| format!("{field}: {reason}"))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn yaml_and_json_say_the_same() {
    let declaration = read_text(SMALL).unwrap();
    for format in [
        crate::declaration::Format::Json,
        crate::declaration::Format::Yaml,
    ] {
        let again = read_text(&declaration.write(format).unwrap()).unwrap();
        assert_eq!(again, declaration, "{format:?}");
    }
}

#[test]
fn a_mistake_is_named_with_its_path() {
    for (from, to, said) in [
        (
            "weather-v1",
            "Weather V1",
            "products[0].versions[0].service.name: must be 1 to 128 of a-z, 0-9, `.` and `-`",
        ),
        (
            "publish_status",
            "published",
            "products[0].versions[0].publication",
        ),
        ("keystile: 1", "keystile: 2", "keystile: must be 1"),
        (
            "strategy: keys",
            "strategy: key",
            "products[0].versions[0].publication.strategy: the file has no strategy `key`",
        ),
        (
            "[apikey]",
            "[]",
            "strategies[0].key_names: must have 1 to 10 names",
        ),
    ] {
        let found = mistakes(&SMALL.replace(from, to));
        assert!(found[0].starts_with(said), "{found:?}");
    }
}

#[test]
fn every_mistake_that_shows_only_together_is_named() {
    let text = SMALL.replace(
        "products:",
        "services: [{name: weather-v1}, {name: weather-v1}]\nproducts:",
    );
    let found = mistakes(&text);
    assert_eq!(
        found,
        [
            "services[1]: there is another service `weather-v1` in the file",
            "services[0].name: there is another service `weather-v1` in the file",
            "services[1].name: there is another service `weather-v1` in the file",
        ]
    );
}

#[test]
fn what_a_file_names_is_read_from_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("weather.yaml"), "openapi: 3.1.0\n").unwrap();
    let text = SMALL.replace(
        "service: {name: weather-v1}",
        "specification: {name: weather.yaml, file: weather.yaml}",
    );
    let path = folder.path().join("portal.yaml");
    fs::write(&path, &text).unwrap();
    let declaration = read(&path).unwrap();
    let products = declaration.products.unwrap();
    let specification = products[0].versions.as_ref().unwrap()[0]
        .specification
        .clone();
    assert_eq!(
        specification.unwrap().content.as_deref(),
        Some("openapi: 3.1.0\n")
    );
    fs::remove_file(folder.path().join("weather.yaml")).unwrap();
    assert!(matches!(
        read(&path),
        Err(InvalidDeclaration::Unreadable { .. })
    ));
}
