//! The form of a reply: Kong's four, negotiated by `Accept` (RFC 9110, section 12.5.1).

use crate::head::Head;

/// How a reply's message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Html,
    Plain,
    Xml,
}

// === impl Form ===

impl Form {
    /// Returns the form a client prefers: of its best-rated media ranges the first decides.
    pub(super) fn preferred(head: &Head) -> Self {
        if is_grpc(head) {
            return Self::Plain;
        }
        let mut best = (0, Self::Json);
        for range in head
            .values("accept")
            .flat_map(|value| value.split(|byte| *byte == b','))
        {
            let rated = (quality(range), Self::of(range));
            if rated.0 > best.0 {
                best = rated;
            }
        }
        best.1
    }

    /// Returns the value of `Content-Type`.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Plain => "text/plain; charset=utf-8",
            Self::Xml => "application/xml; charset=utf-8",
        }
    }

    /// Writes a message, which is our own text: nothing in it needs escaping.
    pub(super) fn write(self, title: &str, message: &str) -> String {
        match self {
            Self::Json => format!(r#"{{"message":"{message}"}}"#),
            Self::Plain => message.to_owned(),
            Self::Xml => format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                 <error><message>{message}</message></error>\n"
            ),
            Self::Html => format!(
                "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
                 <title>{title}</title></head>\n<body><h1>{title}</h1><p>{message}.</p></body></html>\n"
            ),
        }
    }

    /// Kong writes JSON for every media range it has no other form for.
    fn of(range: &[u8]) -> Self {
        match essence(range).to_ascii_lowercase().as_slice() {
            b"text/html" => Self::Html,
            b"text/plain" | b"text/*" => Self::Plain,
            b"application/xml" => Self::Xml,
            _ => Self::Json,
        }
    }
}

/// Envoy makes a gRPC status of the reply and its body the `grpc-message`.
fn is_grpc(head: &Head) -> bool {
    head.first("content-type")
        .and_then(|value| value.split_at_checked(b"application/grpc".len()))
        .is_some_and(|(start, _)| start.eq_ignore_ascii_case(b"application/grpc"))
}

fn essence(range: &[u8]) -> &[u8] {
    let essence = range.split(|byte| *byte == b';').next();
    essence.unwrap_or_default().trim_ascii()
}

/// Returns how much a media range is wanted, in thousandths; 0 for what is none, or refused.
fn quality(range: &[u8]) -> u16 {
    if !essence(range).contains(&b'/') {
        return 0;
    }
    range
        .split(|byte| *byte == b';')
        .skip(1)
        .map(<[u8]>::trim_ascii)
        .find_map(|parameter| match parameter {
            [b'q' | b'Q', b'=', value @ ..] => thousandths(value),
            _ => None,
        })
        .unwrap_or(1000)
}

fn thousandths(text: &[u8]) -> Option<u16> {
    let text = core::str::from_utf8(text).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    match whole {
        "" | "0" => format!("{fraction:0<3}").get(..3)?.parse().ok(),
        "1" => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferred(accept: &str) -> Form {
        Form::preferred(&Head::of(&[("accept", accept)]))
    }

    #[test]
    fn each_form_has_its_media_type() {
        for (accept, form) in [
            ("application/json", Form::Json),
            ("text/html", Form::Html),
            ("TEXT/HTML; charset=utf-8", Form::Html),
            ("text/plain", Form::Plain),
            ("text/*", Form::Plain),
            ("application/xml", Form::Xml),
        ] {
            assert_eq!(preferred(accept), form, "{accept}");
        }
    }

    #[test]
    fn everything_else_is_answered_in_json() {
        for accept in [
            "*/*",
            "application/*",
            "text/xml",
            "image/png",
            "html",
            "",
            ",;,",
        ] {
            assert_eq!(preferred(accept), Form::Json, "{accept}");
        }
        assert_eq!(Form::preferred(&Head::of(&[])), Form::Json);
    }

    #[test]
    fn the_best_rated_form_wins_and_the_first_of_equals() {
        for (accept, form) in [
            ("text/html;q=0.5, text/plain", Form::Plain),
            ("text/html;q=0.5, application/xml;q=0.51", Form::Xml),
            ("text/html, text/plain", Form::Html),
            ("text/html;level=1;q=.2,text/plain; q=0.125", Form::Html),
            ("text/html;q=0, application/xml;q=0.001", Form::Xml),
            ("text/html;q=0", Form::Json),
            ("text/html;q=1, text/plain;q=1.000", Form::Html),
            ("application/json;q=0.9, text/html;q=none", Form::Html),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                Form::Html,
            ),
        ] {
            assert_eq!(preferred(accept), form, "{accept}");
        }
    }

    #[test]
    fn several_accept_lines_are_one_list() {
        let head = Head::of(&[("accept", "text/html;q=0.5"), ("accept", "text/plain")]);
        assert_eq!(Form::preferred(&head), Form::Plain);
    }

    #[test]
    fn a_grpc_client_reads_the_bare_message() {
        let head = Head::of(&[("content-type", "application/grpc+proto")]);
        assert_eq!(Form::preferred(&head), Form::Plain);
    }
}
