//! Takes parts out of a multipart form.

use core::ops::Range;

use crate::multipart;

/// Returns the body without every part of these names, each gone with the delimiter before it;
/// `None` if there is none, or the body is not clearly divided into parts.
pub(super) fn without(body: &[u8], boundary: &[u8], names: &[String]) -> Option<Vec<u8>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    multipart::scan(body, boundary, |part| {
        if names.iter().any(|name| part.is_named(name)) {
            spans.push(part.span);
        }
    })
    .ok()?;
    if spans.is_empty() {
        return None;
    }
    let mut kept = Vec::with_capacity(body.len());
    let mut end = 0;
    for span in spans {
        kept.extend_from_slice(body.get(end..span.start)?);
        end = span.end;
    }
    kept.extend_from_slice(body.get(end..)?);
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(body: &str) -> Option<String> {
        without(body.as_bytes(), b"BB", &["k".to_owned(), "l".to_owned()])
            .map(|bytes| String::from_utf8(bytes).unwrap())
    }

    fn part(name: &str) -> String {
        format!("--BB\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{name}\r\n")
    }

    const FILE: &str = "--BB\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.bin\"\r\n\
                        Content-Type: application/octet-stream\r\n\r\nDATA\r\nx\r\n";

    #[test]
    fn a_part_goes_with_its_delimiter() {
        let (k, l, z) = (part("k"), part("l"), part("z"));
        for (body, rest) in [
            (format!("{k}--BB--\r\n"), "--BB--\r\n".to_owned()),
            (format!("{k}{FILE}--BB--\r\n"), format!("{FILE}--BB--\r\n")),
            (format!("{z}{k}{FILE}--BB--"), format!("{z}{FILE}--BB--")),
            (format!("{k}{z}{l}{k}--BB--"), format!("{z}--BB--")),
            (
                format!("pre\r\n{k}--BB--\r\nepilogue"),
                "pre\r\n--BB--\r\nepilogue".to_owned(),
            ),
        ] {
            assert_eq!(kept(&body), Some(rest), "{body}");
        }
    }

    #[test]
    fn a_file_of_the_name_goes_too() {
        let body = FILE.replace("\"f\"", "\"k\"") + "--BB--";
        assert_eq!(kept(&body).as_deref(), Some("--BB--"));
    }

    #[test]
    fn a_body_without_the_names_is_left_alone() {
        for body in [
            String::new(),
            format!("{FILE}--BB--"),
            part("k"),
            format!("{FILE}--BB--\r\n{}--BB--", part("k")),
        ] {
            assert_eq!(kept(&body), None, "{body}");
        }
    }

    #[test]
    fn a_body_with_too_many_parts_to_search_is_still_cleaned() {
        let parts = part("z").repeat(1000);
        assert_eq!(
            kept(&format!("{}{parts}--BB--", part("k"))),
            Some(format!("{parts}--BB--"))
        );
    }
}
