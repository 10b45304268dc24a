//! Which pages there are, as the routers' sources say.

/// Developers' pages.
pub(crate) const PORTAL: &str = include_str!("../../registry-service/src/http/pages/portal.rs");

/// Administrators' pages.
pub(crate) const ADMIN: &str = include_str!("../../registry-service/src/http/pages/admin.rs");

/// Returns the paths that a router answers `GET` at; what they name in braces differs.
pub(crate) fn pages(router: &'static str) -> Vec<&'static str> {
    let pieces = router.split(".route(").skip(1);
    let paths = pieces.filter_map(|piece| {
        let (path, handlers) = piece
            .trim_start()
            .strip_prefix('"')
            .and_then(|rest| rest.split_once("\","))
            .unwrap_or_else(|| panic!("the path of a page is written out: {piece}"));
        handlers.contains("get(").then_some(path)
    });
    paths.collect()
}

#[test]
fn pages_are_told_from_forms_alone() {
    let router = ".route(\"/\", get(show))\n.route(\n    \"/a/{b}\",\n    get(show).post(send),\n)\n\
                  .route(\"/logout\", post(end))\n}\n";
    assert_eq!(pages(router), ["/", "/a/{b}"]);
}
