//! How mails look: one template each, of which a text and a page of HTML are made, so that the two
//! cannot disagree.
//!
//! In HTML everything is escaped; in text, what others wrote is quoted line by line. Nothing but the
//! subject comes into a header, and no control character into that.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use minijinja::value::Serde;
use minijinja::{Captured, Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::{Value, json};

use crate::domain::mail::MailTemplate;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/mail");

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

/// A mail as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// Renders a mail of a portal.
pub(super) fn of(template: MailTemplate, portal: &str, content: &Value) -> Result<Look, Error> {
    let mut plain = render(template, "txt", (portal, content))?;
    let subject = plain.with_state_mut(|state| state.render_block("subject"))?;
    Ok(Look {
        subject: one_line(&subject),
        text: paragraphs(plain.output()),
        html: render(template, "html", (portal, content))?.into_output(),
    })
}

fn render(
    template: MailTemplate,
    form: &str,
    (portal, content): (&str, &Value),
) -> Result<Captured<'static>, Error> {
    let filled_in = json!({
        "layout": format!("layout.{form}"),
        "parts": format!("parts.{form}"),
        "portal": portal,
        "mail": content,
    });
    ENVIRONMENT
        .get_template(&format!("{template}.{form}"))?
        .render_captured(Serde(filled_in))
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_loader(|name| Ok(source(name).map(str::to_owned)));
    environment.add_filter("day", day);
    environment.add_filter("quoted", quoted);
    environment
}

/// Returns a template's source: a layout is of its form alone, a mail is the same for both. The name's
/// ending decides whether what is filled in is escaped.
fn source(name: &str) -> Option<&'static str> {
    let file = FOLDER.get_file(name).or_else(|| {
        let (mail, _) = name.rsplit_once('.')?;
        FOLDER.get_file(format!("{mail}.jinja"))
    });
    file?.contents_utf8()
}

/// Writes a moment (RFC 3339) for people, in UTC.
fn day(text: &str) -> Result<String, Error> {
    let moment: jiff::Timestamp = text
        .parse()
        .map_err(|_| Error::new(ErrorKind::InvalidOperation, "not a moment"))?;
    Ok(moment.strftime("%-d %B %Y, %H:%M UTC").to_string())
}

/// Leaves one empty line where tags of the template left many.
fn paragraphs(text: &str) -> String {
    let mut kept: Vec<&str> = text.lines().map(str::trim_end).collect();
    kept.dedup_by(|line, before| line.is_empty() && before.is_empty());
    kept.join("\n").trim_start().to_owned() + "\n"
}

/// Sets what others wrote off from what we write.
fn quoted(text: &str) -> String {
    let lines = text.lines().map(|line| format!("> {}", one_line(line)));
    lines.collect::<Vec<_>>().join("\n")
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "<script>alert(1)</script>\r\nBcc: everybody@example.com\u{1b}[2J";

    fn content(text: &str) -> Value {
        json!({"full_name": text, "email": text, "application": text, "product": text,
               "version": text, "credential": text, "reason": text, "message": text,
               "expires_at": "2025-11-11T00:18:50.120Z", "link": "https://portal.example.com/login"})
    }

    fn all() -> impl Iterator<Item = MailTemplate> {
        MailTemplate::NAMES.iter().map(|name| name.parse().unwrap())
    }

    #[test]
    fn every_mail_has_a_subject_a_text_and_a_page_with_its_link() {
        for template in all() {
            let look = of(template, "Weather", &content("Ada & Co")).unwrap();
            assert!(!look.subject.is_empty(), "{template}");
            // A slash may stand in an attribute as a reference.
            let html = look.html.replace("&#x2f;", "/");
            for form in [&look.text, &html] {
                assert!(
                    form.contains("https://portal.example.com/login"),
                    "{template}: {form}"
                );
                assert!(!form.contains("{{"), "{template}: {form}");
            }
            assert!(
                !look.text.contains("<p>") && !look.text.contains("&amp;"),
                "{}",
                look.text
            );
        }
    }

    #[test]
    fn what_people_wrote_is_inert_and_comes_into_no_header() {
        for template in all() {
            let look = of(template, HOSTILE, &content(HOSTILE)).unwrap();
            assert!(!look.html.contains("<script"), "{template}: {}", look.html);
            assert!(
                !look.subject.contains(['\r', '\n', '\u{1b}']),
                "{template}: {}",
                look.subject
            );
        }
    }

    #[test]
    fn what_is_quoted_stays_quoted() {
        assert_eq!(quoted("one\ntwo\u{1b}[2J"), "> one\n> two [2J");
    }

    #[test]
    fn whoever_types_somebody_elses_address_puts_no_words_into_the_mail() {
        for template in [
            MailTemplate::ConfirmEmailAddress,
            MailTemplate::ChangeEmailAddress,
        ] {
            let look = of(template, "Weather", &content("win at http://evil.example")).unwrap();
            assert!(
                !look.text.contains("evil") && !look.html.contains("evil"),
                "{template}"
            );
        }
    }
}
