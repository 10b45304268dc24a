//! What holds for every request: for those made from a seed, and for those the fuzzer makes of any
//! bytes (`fuzz/` includes this file).

use core::fmt::Write as _;
use core::iter;

use keystile_protocol::service::KeyAuth;

use crate::conceal::{conceal_body, conceal_head};
use crate::extract::{Body, Found, find_key};
use crate::head::Head;

/// One name has an underscore, so that its header has two spellings.
pub(crate) const NAMES: [&str; 2] = ["k", "l_m"];

/// A request as a client writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) path: Vec<u8>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

// === impl Request ===

impl Request {
    pub(crate) fn head(&self) -> Head {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_slice()));
        iter::once((":path", self.path.as_slice()))
            .chain(headers)
            .collect()
    }

    pub(crate) fn find(&self) -> Found {
        self.find_names(&NAMES)
    }

    pub(crate) fn conceal(&self) -> Self {
        self.conceal_names(&NAMES)
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::from_utf8_lossy(&self.path).into_owned();
        for (name, value) in &self.headers {
            write!(text, "\n{name}: {}", String::from_utf8_lossy(value)).unwrap();
        }
        text + "\n\n" + &String::from_utf8_lossy(&self.body)
    }

    pub(crate) fn find_names(&self, names: &[&str]) -> Found {
        find_key(&key_auth(names), &self.head(), Body::Whole(&self.body))
    }

    pub(crate) fn conceal_names(&self, names: &[&str]) -> Self {
        let key_auth = key_auth(names);
        let head = self.head();
        let concealment = conceal_head(&key_auth, &head);
        let mut concealed = self.clone();
        for place in &concealment.headers {
            let gone = head.name(*place);
            concealed
                .headers
                .retain(|(name, _)| name.as_bytes() != gone);
        }
        if let Some(path) = concealment.path {
            concealed.path = path;
        }
        if let Some(body) = conceal_body(&key_auth, &head, &self.body) {
            concealed.body = body;
        }
        concealed
    }
}

pub(crate) fn has_no_key_once_concealed(request: &Request) {
    let concealed = request.conceal();
    assert_eq!(concealed.find(), Found::Nothing, "{}", request.text());
}

pub(crate) fn has_nothing_added_or_moved(request: &Request) {
    let concealed = request.conceal();
    assert!(
        is_cut_from(&concealed.path, &request.path) && is_cut_from(&concealed.body, &request.body),
        "{}",
        request.text()
    );
}

pub(crate) fn is_concealed_once(request: &Request) {
    let once = request.conceal();
    assert_eq!(once.conceal(), once, "{}", request.text());
}

fn key_auth(names: &[&str]) -> KeyAuth {
    KeyAuth {
        key_names: names.iter().map(|name| (*name).to_owned()).collect(),
        key_in_body: true,
        ..KeyAuth::default()
    }
}

fn is_cut_from(part: &[u8], whole: &[u8]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|byte| rest.any(|other| other == byte))
}
