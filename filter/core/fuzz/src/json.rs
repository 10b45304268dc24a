//! `serde_json`'s opinion on what a JSON object holds.

use core::fmt;

use keystile_protocol::key::ApiKey;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::extract::Found;
use crate::laws::{NAMES, Request};

/// An object's members in order, repeats kept.
#[derive(PartialEq, Debug)]
struct Members(Vec<(String, Value)>);

struct MembersVisitor;

// === impl Members ===

impl Members {
    fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

// === impl MembersVisitor ===

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

/// What is an object to `serde_json` keeps every other member, and its one key is the one found.
pub(crate) fn agrees(request: &Request) {
    let Some(Members(mut members)) = Members::parse(&request.body) else {
        return;
    };
    for name in NAMES {
        if let Found::Key(key) = request.find_names(&[name]) {
            let is_it = |value: &str| ApiKey::new(value) == key;
            assert!(
                the_one_text(&members, name).is_some_and(is_it),
                "the key found is not `{name}`: {}",
                request.text()
            );
        }
    }
    members.retain(|(name, _)| !NAMES.contains(&name.as_str()));
    let concealed = Members::parse(&request.conceal().body);
    assert_eq!(concealed, Some(Members(members)), "{}", request.text());
}

fn the_one_text<'a>(members: &'a [(String, Value)], name: &str) -> Option<&'a str> {
    let mut named = members.iter().filter(|(candidate, _)| candidate == name);
    let (_, value) = named.next()?;
    named.next().is_none().then(|| value.as_str())?
}
