//! Puts sections into a page that people wrote the rest of.

use super::Section;

/// A page has no place for a section.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the page has no `<!-- bench:{0} -->` before a `<!-- /bench:{0} -->`")]
pub(crate) struct NoPlace(&'static str);

/// Returns the page with what is between a section's markers replaced by its text.
pub(crate) fn put(page: &str, section: &Section) -> Result<String, NoPlace> {
    let name = section.name;
    let (begin, end) = (
        format!("<!-- bench:{name} -->\n"),
        format!("<!-- /bench:{name} -->"),
    );
    let parts = page.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    let (before, after) = parts.ok_or(NoPlace(name))?;
    Ok(format!("{before}{begin}{}{end}{after}", section.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(text: &str) -> Section {
        Section {
            name: "sides",
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_section_replaces_what_was_between_its_markers() {
        let page = "a\n<!-- bench:sides -->\nold\n<!-- /bench:sides -->\nz\n";
        let new = put(page, &section("new\n")).unwrap();
        assert_eq!(
            new,
            "a\n<!-- bench:sides -->\nnew\n<!-- /bench:sides -->\nz\n"
        );
        assert_eq!(put(&new, &section("new\n")), Ok(new), "and again");
    }

    #[test]
    fn a_page_without_a_place_is_left_alone() {
        let page = "<!-- bench:sides -->\nnever ends";
        assert_eq!(put(page, &section("new")), Err(NoPlace("sides")));
    }
}
