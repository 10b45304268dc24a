//! Which of several forms of an answer a request prefers (RFC 9110, section 12.5.1).

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// Returns the form a request prefers among those offered, or the first if it names none: an answer
/// nobody asked for beats a refusal.
pub(super) fn preferred(headers: &HeaderMap, offered: &[&'static str]) -> Option<&'static str> {
    let ranges = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut best: Option<(f32, &'static str)> = None;
    for (name, quality) in ranges.map(range) {
        let offer = offered
            .iter()
            .find(|offer| offer.eq_ignore_ascii_case(name));
        if let Some(offer) = offer
            && quality > best.map_or(0.0, |(quality, _)| quality)
        {
            best = Some((quality, offer));
        }
    }
    best.map(|(_, offer)| offer).or(offered.first().copied())
}

/// Reads a media range and its weight, 1 unless it says otherwise.
fn range(text: &str) -> (&str, f32) {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q="));
    let weight = weight.map_or(Some(1.0), |text| text.parse().ok());
    (name, weight.unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn choice(accept: &'static str) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        preferred(&headers, &["application/json", "text/markdown"])
    }

    #[test]
    fn the_form_a_request_prefers_is_taken() {
        let cases = [
            ("text/markdown", "text/markdown"),
            ("Text/Markdown; charset=utf-8", "text/markdown"),
            ("application/json;q=0.5, text/markdown", "text/markdown"),
            ("text/markdown;q=0, */*", "application/json"),
            ("text/html", "application/json"),
            ("*/*", "application/json"),
            ("text/markdown;q=x", "application/json"),
        ];
        for (accept, expected) in cases {
            assert_eq!(choice(accept), Some(expected), "{accept}");
        }
    }
}
