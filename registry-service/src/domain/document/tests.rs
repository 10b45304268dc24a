use uuid::Uuid;

use super::*;

fn id(number: u128) -> DocumentId {
    DocumentId(Uuid::from_u128(number))
}

fn document(number: u128, parent: u128) -> Document {
    Document {
        id: id(number),
        product: ApiProductId(Uuid::nil()),
        parent: (parent != 0).then(|| id(parent)),
        slug: Slug::parse(&format!("page-{number}")).unwrap(),
        title: Line::parse("Page").unwrap(),
        status: PublishStatus::Published,
        position: 0,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

fn documents(pairs: &[(u128, u128)]) -> Documents {
    let document = |&(number, parent): &(u128, u128)| document(number, parent);
    Documents::new(pairs.iter().map(document).collect())
}

fn outline(branches: &[Branch]) -> String {
    let one = |branch: &Branch| {
        let slug = branch.document.slug.as_str().replace("page-", "");
        format!("{slug}[{}]", outline(&branch.children))
    };
    branches.iter().map(one).collect()
}

#[test]
fn a_slug_is_short_and_plain() {
    for text in ["getting-started", "A_1", &"a".repeat(80)] {
        assert!(Slug::parse(text).is_ok(), "{text}");
    }
    for text in ["", "a b", "a/b", "..", "é", &"a".repeat(81)] {
        assert_eq!(Slug::parse(text), Err(InvalidSlug::Form), "{text}");
    }
}

#[test]
fn a_slug_is_never_mistaken_for_an_id() {
    let text = "5f9fd312-a987-4628-b4c5-bb4f4fddd5f7";
    assert_eq!(Slug::parse(text), Err(InvalidSlug::Id));
}

#[test]
fn the_tree_is_ordered_by_position_and_then_by_age() {
    let mut first = document(3, 1);
    first.position = 0;
    let mut last = document(2, 1);
    last.position = 7;
    let all = Documents::new(vec![last, document(1, 0), first, document(4, 0)]);
    assert_eq!(outline(&all.tree()), "1[3[]2[]]4[]");
}

#[test]
fn nobody_sees_what_is_beneath_an_unpublished_document() {
    let mut all = documents(&[(1, 0), (2, 1), (3, 2), (4, 0)]);
    all.0[1].status = PublishStatus::Unpublished;
    assert_eq!(outline(&all.published().tree()), "1[]4[]");
}

#[test]
fn no_document_comes_to_be_beneath_itself() {
    let all = documents(&[(1, 0), (2, 1), (3, 2)]);
    for parent in [1, 2, 3] {
        let judged = all.place(id(1), Some(id(parent)));
        assert_eq!(judged, Err(InvalidPlace::BeneathItself), "{parent}");
    }
    assert_eq!(all.place(id(3), Some(id(1))), Ok(()));
    assert_eq!(
        all.place(id(9), Some(id(8))),
        Err(InvalidPlace::UnknownParent)
    );
}

#[test]
fn the_tree_grows_ten_levels_deep_and_no_deeper() {
    let chain: Vec<_> = (1..=10).map(|level| (level, level - 1)).collect();
    let mut all = documents(&chain);
    assert_eq!(all.place(id(99), Some(id(9))), Ok(()));
    assert_eq!(all.place(id(99), Some(id(10))), Err(InvalidPlace::TooDeep));
    all.0.extend([document(20, 0), document(21, 20)]);
    assert_eq!(
        all.place(id(20), Some(id(9))),
        Err(InvalidPlace::TooDeep),
        "what is beneath it comes along"
    );
}
