//! What a script may say. Each verb is a host call of the SDK; what it brings becomes text.

mod buffers;
mod callouts;
mod general;
mod maps;
mod metrics;
mod store;
mod streams;

use proxy_wasm::types::{Bytes, Status};

use crate::plugin::{Memory, Place};

/// Does one thing and says what came of it.
pub(crate) fn perform(memory: &mut Memory, place: Place<'_>, words: &[&str]) -> String {
    let done = maps::perform(words)
        .or_else(|| buffers::perform(words))
        .or_else(|| streams::perform(memory, place, words))
        .or_else(|| callouts::perform(memory, words))
        .or_else(|| store::perform(memory, words))
        .or_else(|| metrics::perform(memory, words))
        .or_else(|| general::perform(place, words));
    done.unwrap_or_else(|| "no such verb".to_owned())
}

/// Says how a call ended.
fn told<T>(result: Result<T, Status>, say: impl FnOnce(T) -> String) -> String {
    result.map_or_else(|status| format!("{status:?}"), say)
}

/// Says how a call ended that brings nothing.
fn ended(result: Result<(), Status>) -> String {
    told(result, |()| "Ok".to_owned())
}

/// Says what a call brought.
fn found(result: Result<Option<Bytes>, Status>) -> String {
    told(result, |bytes| {
        bytes.map_or_else(|| "nothing".to_owned(), |bytes| readable(&bytes))
    })
}

/// Writes bytes as text, escaped where they are none.
fn readable(bytes: &[u8]) -> String {
    format!("`{}`", bytes.escape_ascii())
}

/// Reads a word in which `\xNN` stands for a byte and `_` for a space; `''` is no byte at all.
fn bytes(word: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = if word == "''" { "" } else { word };
    while let Some(next) = rest.chars().next() {
        let escaped = rest.strip_prefix("\\x").and_then(|digits| digits.get(..2));
        if let Some(byte) = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = rest.get(4..).unwrap_or_default();
            continue;
        }
        let mut buffer = [0; 4];
        let next_bytes = next.encode_utf8(&mut buffer).as_bytes();
        bytes.extend_from_slice(if next == '_' { b" " } else { next_bytes });
        rest = rest.get(next.len_utf8()..).unwrap_or_default();
    }
    bytes
}

/// Reads a number; nonsense is 0.
fn number<T: std::str::FromStr + Default>(word: &str) -> T {
    word.parse().unwrap_or_default()
}
