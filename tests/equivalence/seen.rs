//! What came of a scenario, as far as it can be seen from outside.

use std::collections::BTreeMap;

/// Everything that is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) exchanges: Vec<Both>,
    /// Whether the update was taken, if there was one.
    pub(crate) was_updated: Option<bool>,
    /// What the filter logged: `level text`.
    pub(crate) logs: Vec<String>,
    pub(crate) metrics: BTreeMap<String, u64>,
}

/// What both ends of an exchange saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Both {
    /// `None` if nothing went out.
    pub(crate) upstream: Option<Message>,
    pub(crate) client: Client,
}

/// What a client saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    Answer(Message),
    /// The connection ended without an answer.
    Closed,
    /// Nothing, for as long as anybody waits.
    Nothing,
}

/// A request or a response, without what a proxy adds by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// `GET /path` or a status.
    pub(crate) start: String,
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
    pub(crate) trailers: Vec<String>,
    /// Its end came.
    pub(crate) is_whole: bool,
}

/// Headers that filters and proxies agree about; all others a proxy may add.
const COMPARED: [&str; 5] = [
    "content-length",
    "content-type",
    "grpc-status",
    "grpc-message",
    "location",
];

// === impl Seen ===

impl Seen {
    /// Shows this and the other side by side, line by line where they differ.
    pub(crate) fn difference(&self, other: &Self) -> String {
        let (ours, theirs) = (format!("{self:#?}"), format!("{other:#?}"));
        let (ours, theirs): (Vec<_>, Vec<_>) = (ours.lines().collect(), theirs.lines().collect());
        let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
        let before = ours.iter().zip(&theirs).take_while(same).count();
        let backwards = ours.iter().rev().zip(theirs.iter().rev());
        let most = ours.len().min(theirs.len()) - before;
        let after = backwards.take_while(same).count().min(most);
        let marked = |mark: char, lines: &[&str]| -> String {
            let middle = &lines[before.saturating_sub(3)..lines.len() - after];
            let lines = middle.iter().map(|line| format!("{mark} {line}\n"));
            lines.collect::<Vec<_>>().concat()
        };
        format!("{}{}", marked('-', &ours), marked('+', &theirs))
    }

    /// Puts lines that come in no particular order into one.
    pub(crate) fn sort_logs(&mut self) {
        self.logs.sort();
    }
}

// === impl Message ===

impl Message {
    /// Keeps of a list of headers what is compared; a length of nothing is the same as none.
    pub(crate) fn compared<'a>(
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Vec<String> {
        let lines = headers.into_iter().filter_map(|(name, value)| {
            let name = name.to_ascii_lowercase();
            let is_ours = name.starts_with("t-") || COMPARED.contains(&name.as_str());
            let is_empty = name == "content-length" && value == b"0";
            let line = format!("{name}: {}", value.escape_ascii());
            (is_ours && !is_empty).then_some(line)
        });
        lines.collect()
    }

    /// Writes a body as text, long runs of one byte in short.
    pub(crate) fn text(body: &[u8]) -> String {
        match body {
            [first, rest @ ..] if rest.len() > 100 && rest.iter().all(|byte| byte == first) => {
                format!("{} times {}", body.len(), [*first].escape_ascii())
            }
            _ => body.escape_ascii().to_string(),
        }
    }
}
