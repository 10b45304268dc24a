//! The template language: strict about what a context lacks, and everything is escaped.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};
use serde::Serialize;

use crate::http::pages::assets;
use crate::http::problem::Problem;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

/// Renders a template.
pub(super) fn render(template: &str, context: impl Serialize) -> Result<String, Problem> {
    let rendered = ENVIRONMENT
        .get_template(template)
        .and_then(|template| template.render(Serde(context)));
    rendered.map_err(|error| {
        // Its text names the template and the line; values are not in it.
        tracing::error!(%error, template, "cannot render a page");
        Problem::internal()
    })
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_loader(|name| {
        let file = FOLDER.get_file(name).and_then(|file| file.contents_utf8());
        Ok(file.map(str::to_owned))
    });
    environment.add_function("asset", asset);
    environment.add_filter("moment", moment);
    environment.add_filter("sentence", sentence);
    environment
}

fn asset(file: &str) -> Result<Value, Error> {
    let url = assets::url(file).map(Value::from_safe_string);
    url.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "no such asset"))
}

/// Writes a moment (RFC 3339) for people, in UTC; the script shows it in the reader's zone.
fn moment(text: &str) -> Result<Value, Error> {
    let moment: jiff::Timestamp = text
        .parse()
        .map_err(|_| Error::new(ErrorKind::InvalidOperation, "not a moment"))?;
    let shown = moment.strftime("%-d %b %Y, %H:%M UTC");
    let html = format!("<time datetime=\"{moment}\">{shown}</time>");
    Ok(Value::from_safe_string(html))
}

/// Makes a sentence of a message, which by house style is none: "must not be empty". What stands in
/// backticks for programs stands in quotation marks for people.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    let mut is_open = false;
    let quoted = characters.map(|character| {
        if character != '`' {
            return character;
        }
        is_open = !is_open;
        if is_open { '“' } else { '”' }
    });
    let mut sentence: String = first.chain(quoted).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Dir<'_>, names: &mut Vec<String>) {
        for file in folder.files() {
            names.push(file.path().to_str().unwrap().to_owned());
        }
        folder.dirs().for_each(|folder| self::names(folder, names));
    }

    #[test]
    fn every_template_is_one() {
        let mut found = Vec::new();
        names(&FOLDER, &mut found);
        assert!(found.contains(&"layout.html".to_owned()));
        for name in found {
            ENVIRONMENT
                .get_template(&name)
                .unwrap_or_else(|error| panic!("{name}: {error:#}"));
        }
    }

    #[test]
    fn a_moment_has_a_form_for_machines_and_one_for_people() {
        let html = moment("2025-11-11T00:18:50.120Z").unwrap().to_string();
        let expected = "<time datetime=\"2025-11-11T00:18:50.12Z\">11 Nov 2025, 00:18 UTC</time>";
        assert_eq!(html, expected);
    }

    #[test]
    fn a_message_becomes_a_sentence() {
        assert_eq!(sentence("must not be empty"), "Must not be empty.");
        assert_eq!(sentence("Done."), "Done.");
        assert_eq!(sentence("has no `-` and no `_`"), "Has no “-” and no “_”.");
    }
}
