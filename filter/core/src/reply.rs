//! What a refused client reads. The one place in the filter that knows status codes.

mod form;

use keystile_protocol::service::KeyAuth;

use crate::head::Head;
use form::Form;

/// What a client that cannot be judged now waits before it asks again.
const RETRY_AFTER_S: u32 = 5;

/// Kong's message for a key that is not known is the status' own phrase.
const UNAUTHORIZED: &str = "Unauthorized";

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// No key, or an empty one: 401.
    NoKey,
    /// More than one key where there must be one: 401.
    DuplicateKey,
    /// A key that is not known, or no longer: 401.
    UnknownKey,
    /// A known key without an approved registration, or in no admitted group: 403.
    NotAdmitted,
    /// Acts as the anonymous application, which has no groups to be judged by: 401.
    AnonymousNotAdmitted,
    /// The route names no service we know, or one that is closed: 403.
    NoService,
    /// The body is larger than what is searched: 413.
    BodyTooLarge,
    /// The registry's data has not arrived or is too old to decide by: 503.
    Undecidable,
}

/// A reply of the filter's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalReply {
    /// The HTTP status.
    pub status: u32,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// Its body; empty for `HEAD`.
    pub body: Vec<u8>,
}

/// Returns the reply for a denial, in the form the client accepts.
pub fn reply(denial: Denial, key_auth: Option<&KeyAuth>, head: &Head) -> LocalReply {
    let form = Form::preferred(head);
    let (status, title, message) = describe(denial);
    let mut headers = vec![
        ("content-type", form.content_type().to_owned()),
        ("cache-control", "no-store".to_owned()),
    ];
    match status {
        401 => headers.push(("www-authenticate", challenge(key_auth))),
        503 => headers.push(("retry-after", RETRY_AFTER_S.to_string())),
        _ => {}
    }
    let body = match head.method() {
        b"HEAD" => Vec::new(),
        _ => form.write(title, message).into_bytes(),
    };
    LocalReply {
        status,
        headers,
        body,
    }
}

/// Returns a denial's status, its reason phrase and, where Kong has one, Kong's message.
fn describe(denial: Denial) -> (u32, &'static str, &'static str) {
    match denial {
        Denial::NoKey => (401, UNAUTHORIZED, "No API key found in request"),
        Denial::DuplicateKey => (401, UNAUTHORIZED, "Duplicate API key found"),
        Denial::UnknownKey | Denial::AnonymousNotAdmitted => (401, UNAUTHORIZED, UNAUTHORIZED),
        Denial::NotAdmitted | Denial::NoService => {
            (403, "Forbidden", "You cannot consume this service")
        }
        Denial::BodyTooLarge => (413, "Content Too Large", "Request body too large"),
        Denial::Undecidable => (
            503,
            "Service Unavailable",
            "API keys cannot be checked at the moment",
        ),
    }
}

/// Kong's challenge; a 401 has to have one (RFC 9110, section 15.5.2), acl's too.
fn challenge(key_auth: Option<&KeyAuth>) -> String {
    match key_auth.and_then(|key_auth| key_auth.realm.as_deref()) {
        Some(realm) => format!("Key realm=\"{}\"", escape(realm)),
        None => "Key".to_owned(),
    }
}

/// Writes what goes between the quotes of a quoted-string (RFC 9110, section 5.6.4); a control
/// character can stand in none.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars().filter(|character| !character.is_control()) {
        if matches!(character, '"' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header<'a>(reply: &'a LocalReply, name: &str) -> Option<&'a str> {
        let found = reply.headers.iter().find(|(header, _)| *header == name);
        found.map(|(_, value)| value.as_str())
    }

    fn message(denial: Denial) -> String {
        let body = reply(denial, None, &Head::of(&[])).body;
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        body["message"].as_str().unwrap().to_owned()
    }

    const EVERY_DENIAL: [(Denial, u32); 8] = [
        (Denial::NoKey, 401),
        (Denial::DuplicateKey, 401),
        (Denial::UnknownKey, 401),
        (Denial::NotAdmitted, 403),
        (Denial::AnonymousNotAdmitted, 401),
        (Denial::NoService, 403),
        (Denial::BodyTooLarge, 413),
        (Denial::Undecidable, 503),
    ];

    #[test]
    fn a_denial_has_its_status() {
        for (denial, status) in EVERY_DENIAL {
            assert_eq!(reply(denial, None, &Head::of(&[])).status, status);
        }
    }

    #[test]
    fn messages_are_those_of_kong() {
        for (denial, text) in [
            (Denial::NoKey, "No API key found in request"),
            (Denial::DuplicateKey, "Duplicate API key found"),
            (Denial::UnknownKey, "Unauthorized"),
            (Denial::AnonymousNotAdmitted, "Unauthorized"),
            (Denial::NotAdmitted, "You cannot consume this service"),
        ] {
            assert_eq!(message(denial), text);
        }
    }

    #[test]
    fn a_401_and_no_other_reply_has_a_challenge() {
        for (denial, status) in EVERY_DENIAL {
            let reply = reply(denial, None, &Head::of(&[]));
            let challenge = header(&reply, "www-authenticate");
            assert_eq!(challenge, (status == 401).then_some("Key"), "{denial:?}");
        }
    }

    #[test]
    fn a_503_and_no_other_reply_says_when_to_try_again() {
        for (denial, status) in EVERY_DENIAL {
            let reply = reply(denial, None, &Head::of(&[]));
            assert_eq!(header(&reply, "retry-after").is_some(), status == 503);
        }
    }

    #[test]
    fn no_reply_is_stored() {
        for (denial, _) in EVERY_DENIAL {
            let reply = reply(denial, None, &Head::of(&[]));
            assert_eq!(header(&reply, "cache-control"), Some("no-store"));
        }
    }

    #[test]
    fn a_realm_cannot_leave_its_quotes() {
        for (realm, expected) in [
            ("r", r#"Key realm="r""#),
            (r#"a"b\c"#, r#"Key realm="a\"b\\c""#),
            ("a\r\nx: y\u{7f}", r#"Key realm="ax: y""#),
            ("café", r#"Key realm="café""#),
            ("", r#"Key realm="""#),
        ] {
            let key_auth = KeyAuth {
                realm: Some(realm.to_owned()),
                ..KeyAuth::default()
            };
            let reply = reply(Denial::NoKey, Some(&key_auth), &Head::of(&[]));
            assert_eq!(header(&reply, "www-authenticate"), Some(expected));
        }
    }

    #[test]
    fn a_head_request_gets_no_body() {
        let head = Head::of(&[(":method", "HEAD")]);
        let reply = reply(Denial::NoKey, None, &head);
        assert!(reply.body.is_empty());
        assert!(header(&reply, "content-type").is_some());
    }

    #[test]
    fn the_message_is_written_in_the_form_asked_for() {
        for (accept, part) in [
            (
                "application/json",
                r#""message":"No API key found in request""#,
            ),
            ("text/html", "<p>No API key found in request.</p>"),
            (
                "application/xml",
                "<message>No API key found in request</message>",
            ),
            ("text/plain", "No API key found in request"),
        ] {
            let reply = reply(Denial::NoKey, None, &Head::of(&[("accept", accept)]));
            let body = String::from_utf8(reply.body.clone()).unwrap();
            assert!(body.contains(part), "{accept}: {body}");
            assert_eq!(
                header(&reply, "content-type"),
                Some(format!("{accept}; charset=utf-8").as_str())
            );
        }
    }
}
