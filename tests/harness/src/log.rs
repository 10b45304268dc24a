//! What a filter logged.

/// A log level, with the numbers of proxy-wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The finest level.
    Trace = 0,
    /// For the filter's author.
    Debug = 1,
    /// What happened.
    Info = 2,
    /// Something is wrong, and work goes on.
    Warn = 3,
    /// Someone must act.
    Error = 4,
    /// Nothing works.
    Critical = 5,
}

/// One line a filter logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its level.
    pub level: Level,
    /// Its bytes as text; what is not UTF-8 is replaced.
    pub text: String,
}

impl TryFrom<u32> for Level {
    type Error = crate::Status;

    fn try_from(number: u32) -> Result<Self, crate::Status> {
        Ok(match number {
            0 => Self::Trace,
            1 => Self::Debug,
            2 => Self::Info,
            3 => Self::Warn,
            4 => Self::Error,
            5 => Self::Critical,
            _ => return Err(crate::Status::BadArgument),
        })
    }
}
