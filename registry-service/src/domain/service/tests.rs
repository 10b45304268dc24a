use super::*;

#[test]
fn a_default_name_is_made_of_product_and_version() {
    for (product, version, name) in [
        ("Mock API", "v1", "mock-api-v1"),
        ("Bücher & Co.", "2.0 (beta)", "b-cher-co.-2.0-beta"),
    ] {
        let made = ServiceName::of_version(product, version);
        assert_eq!(made.as_ref().map(ServiceName::as_str), Ok(name));
    }
}

#[test]
fn a_name_of_nothing_usable_is_refused() {
    assert_eq!(
        ServiceName::of_version("日本", "版"),
        Err(InvalidService::Name)
    );
}

#[test]
fn an_acl_has_exactly_one_of_allow_and_deny() {
    for refused in ["{}", r#"{"allow":["a"],"deny":["b"]}"#] {
        let parsed: Result<Acl, _> = serde_json::from_str(refused);
        assert!(parsed.is_err(), "{refused}");
    }
    let admits_nobody: Acl = serde_json::from_str(r#"{"allow":[]}"#).unwrap();
    assert_eq!(admits_nobody.rule, AclRule::Allow(vec![]));
}

#[test]
fn key_names_keep_to_kongs_charset() {
    for refused in [vec![], vec![""], vec!["api key"], vec!["a"; 11]] {
        let names = refused.iter().map(|name| (*name).to_owned()).collect();
        assert!(KeyNames::parse(names).is_err(), "{refused:?}");
    }
    assert!(KeyNames::parse(vec!["X-Api_Key1".to_owned()]).is_ok());
}
