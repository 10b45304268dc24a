//! What a plugin remembers between callbacks; its root and its requests share it.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use proxy_wasm::hostcalls;
use proxy_wasm::types::{Action, LogLevel};

use crate::script::Script;
use crate::verbs;

/// A plugin, as its root context and its requests know it.
#[derive(Clone, Default)]
pub(crate) struct Plugin(Rc<RefCell<Memory>>);

/// What a plugin remembers.
#[derive(Default)]
pub(crate) struct Memory {
    script: Script,
    /// Contexts that somebody else is to act for.
    pub(crate) waiting: VecDeque<u32>,
    pub(crate) metrics: BTreeMap<String, u32>,
    pub(crate) queues: BTreeMap<String, u32>,
    /// The number of the last change that was read, by key.
    pub(crate) changes: BTreeMap<String, Option<u32>>,
    /// The token of the last gRPC call or stream.
    pub(crate) token: u32,
}

/// Where something is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) callback: &'a str,
    pub(crate) context: u32,
    /// The path of the request the context belongs to.
    pub(crate) path: &'a str,
    pub(crate) part: Part,
    /// What else the host told, for the verb `told`.
    pub(crate) told: &'a [usize],
}

/// Whether more of a stream follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Any,
    Last,
}

/// What a callback answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
}

// === impl Plugin ===

impl Plugin {
    pub(crate) fn configure(&self, configuration: &[u8]) {
        let text = String::from_utf8_lossy(configuration);
        self.0.borrow_mut().script = Script::parse(&text);
    }

    /// Does what the script says for a callback, and logs what comes of each step.
    pub(crate) fn run(&self, place: Place<'_>) -> Answer {
        let mut memory = self.0.borrow_mut();
        let steps = memory.script.steps(place);
        let mut answer = Answer::Yes;
        for step in steps {
            if matches!(*step.words(), ["pause" | "refuse" | "busy"]) {
                answer = Answer::No;
                continue;
            }
            let result = verbs::perform(&mut memory, place, &step.words());
            let line = format!("{}: {}: {result}", place.callback, step.text());
            // The host refuses no log line; if it did, there is nobody to tell.
            let _ = hostcalls::log(LogLevel::Info, &line);
        }
        answer
    }
}

// === impl Part ===

impl From<bool> for Part {
    fn from(is_last: bool) -> Self {
        if is_last { Self::Last } else { Self::Any }
    }
}

// === impl Answer ===

impl Answer {
    pub(crate) fn action(self) -> Action {
        match self {
            Self::Yes => Action::Continue,
            Self::No => Action::Pause,
        }
    }

    pub(crate) fn is_yes(self) -> bool {
        self == Self::Yes
    }
}
