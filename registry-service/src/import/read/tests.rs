use super::*;
use crate::domain::wish::Wish;

const NOW: Timestamp = Timestamp(1_762_820_330_120);

fn told(text: &str, format: Format) -> (usize, usize, Vec<String>) {
    let read = read(text.as_bytes(), format, NOW);
    let mistakes = read.mistakes.iter().map(ToString::to_string).collect();
    (read.rows.len(), read.repeated, mistakes)
}

#[test]
fn the_three_formats_say_the_same() {
    let csv = "key,application,expires_at,display_name\n\
               one,a,2026-01-01T00:00:00Z,\"a \"\"name\"\", quoted\"\n\
               two,b,never,\n\
               three,b,,\n";
    let lines = r#"
{"application": "a", "key": "one", "display_name": "a \"name\", quoted", "expires_at": "2026-01-01T00:00:00Z"}
{"application": "b", "key": "two", "expires_at": null}

{"application": "b", "key": "three"}
"#;
    let json = |text: &str, format| {
        let rows = read(text.as_bytes(), format, NOW).rows;
        rows.iter()
            .map(|row| serde_json::to_value(row.sent()).unwrap())
            .collect::<Vec<_>>()
    };
    let from_csv = json(csv, Format::Csv);
    assert_eq!(from_csv.len(), 3);
    assert_eq!(from_csv, json(lines, Format::JsonLines));
    let deck = "_format_version: '3.0'\n\
                services: [{name: ignored, port: 80}]\n\
                consumers:\n\
                - username: a\n  custom_id: a-id\n  keyauth_credentials:\n  - {key: one, ttl: 60}\n  - key: 0123\n\
                - username: b\n  keyauth_credentials:\n  - key: three\n    tags: [x]\n";
    let rows = read(deck.as_bytes(), Format::Kong, NOW).rows;
    let places: Vec<(u64, &str, &str)> = rows
        .iter()
        .map(|row| (row.line, row.application.as_str(), row.key.as_str()))
        .collect();
    let expected = [(7, "a-id", "one"), (8, "a-id", "0123"), (11, "b", "three")];
    assert_eq!(places, expected);
    assert_eq!(rows[0].expires_at, Wish::Set(NOW.plus_ms(60_000)));
}

#[test]
fn every_mistake_is_named_with_its_line_and_no_key_is_shown() {
    let long = "k".repeat(257);
    let csv = format!(
        "application,key,expires_at\n\
         a,good,\n\
         ,secret-1,\n\
         a,,\n\
         a,{long},\n\
         a,secret-2,soon\n\
         a,secret-3\n\
         \"a\nb\",secret-4,\n\
         a,sha256:secret-5,\n"
    );
    let (rows, _, mistakes) = told(&csv, Format::Csv);
    assert_eq!(rows, 1);
    assert_eq!(
        mistakes,
        [
            "line 3: `application` must not be empty",
            "line 4: `key` must have 1 to 256 bytes",
            "line 5: `key` must have 1 to 256 bytes",
            "line 6: `expires_at` is not a date and time as RFC 3339 writes them",
            "line 7: has 2 values, and the head names 3 columns",
            "line 8: `application` must not contain control characters",
            "line 10: `key` must be `sha256:` and 64 lower-case hexadecimal digits",
        ]
    );
}

#[test]
fn what_cannot_be_understood_is_not_shown_either() {
    for (text, format, line) in [
        ("a,secret-1\n", Format::Csv, 1),
        ("application,key,secret-1\n", Format::Csv, 1),
        ("key,key,application\n", Format::Csv, 1),
        (
            "{\"application\": \"a\", \"key\": 12345}",
            Format::JsonLines,
            1,
        ),
        (
            "\n{\"secret-1\": 1, \"application\": \"a\", \"key\": \"k\"}",
            Format::JsonLines,
            2,
        ),
        (
            "{\"application\": \"a\", \"key\": \"secret",
            Format::JsonLines,
            1,
        ),
        (
            "consumers:\n- keyauth_credentials:\n  - secret-1\n",
            Format::Kong,
            3,
        ),
        ("secret-1", Format::Kong, 1),
    ] {
        let (rows, _, mistakes) = told(text, format);
        assert_eq!((rows, mistakes.len()), (0, 1), "{text}");
        assert!(
            mistakes[0].starts_with(&format!("line {line}: ")),
            "{mistakes:?}"
        );
        assert!(
            !mistakes[0].contains("secret") && !mistakes[0].contains("12345"),
            "{mistakes:?}"
        );
    }
    let broken = read(b"application,key\na,\xff\n", Format::Csv, NOW);
    assert_eq!(broken.mistakes[0].to_string(), "line 2: is not UTF-8");
}

#[test]
fn a_key_that_comes_twice_counts_once_and_is_one_applications() {
    let csv = "application,key\na,one\na,one\nb,one\na,two\n";
    let (rows, repeated, mistakes) = told(csv, Format::Csv);
    assert_eq!((rows, repeated), (2, 1));
    let mistake = "line 4: `key` is that of line 2, for another application";
    assert_eq!(mistakes, [mistake]);
}
