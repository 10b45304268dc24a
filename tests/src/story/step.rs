//! One thing a person does, and what came of it.

use crate::api::{Call, Journal};
use crate::error::StageError;

/// A step that has been taken.
#[derive(Debug)]
pub struct Step<'a> {
    /// What the person does.
    pub what: &'a str,
    /// What was asked for it.
    pub calls: Vec<Call>,
    /// How it ended.
    pub outcome: Outcome<'a>,
}

/// How a step ended.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// Every answer was the documented one.
    Documented,
    /// One was not.
    Failed(&'a StageError),
}

/// Takes steps and tells each to a listener.
pub struct Story<'a> {
    journal: Journal,
    listener: &'a mut dyn FnMut(&Step<'_>),
}

// === impl Story ===

impl<'a> Story<'a> {
    /// Tells steps to a listener; what is asked meanwhile is read from a journal.
    pub fn new(journal: Journal, listener: &'a mut dyn FnMut(&Step<'_>)) -> Self {
        Self { journal, listener }
    }

    /// Takes a step; what comes later needs its result, so an error ends the story.
    pub fn step<T>(
        &mut self,
        what: &str,
        action: impl FnOnce(&Journal) -> Result<T, StageError>,
    ) -> Result<T, StageError> {
        let result = action(&self.journal);
        let outcome = match &result {
            Ok(_) => Outcome::Documented,
            Err(error) => Outcome::Failed(error),
        };
        (self.listener)(&Step {
            what,
            calls: self.journal.take(),
            outcome,
        });
        result
    }
}
