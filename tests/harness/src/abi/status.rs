//! What a host call returns.

/// The status of a host call, with the numbers of proxy-wasm ABI 0.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i32)]
pub enum Status {
    /// The call did what was asked.
    Ok = 0,
    /// The thing asked for does not exist.
    NotFound = 1,
    /// An argument is wrong, or the map asked for is not there now.
    BadArgument = 2,
    /// The host cannot turn the value into bytes.
    SerializationFailure = 3,
    /// The host cannot read the bytes.
    ParseFailure = 4,
    /// The expression is wrong.
    BadExpression = 5,
    /// A pointer or a length points outside the module's memory.
    InvalidMemoryAccess = 6,
    /// The queue is empty.
    Empty = 7,
    /// Somebody else changed the value in between.
    CasMismatch = 8,
    /// The result has another type.
    ResultMismatch = 9,
    /// The host failed, or the call is restricted.
    InternalFailure = 10,
    /// The connection is gone.
    BrokenConnection = 11,
    /// The host does not have this.
    Unimplemented = 12,
}

impl Status {
    /// Every status but [`Status::Ok`], for tests that try each failure.
    pub const FAILURES: &'static [Self] = &[
        Self::NotFound,
        Self::BadArgument,
        Self::SerializationFailure,
        Self::ParseFailure,
        Self::BadExpression,
        Self::InvalidMemoryAccess,
        Self::Empty,
        Self::CasMismatch,
        Self::ResultMismatch,
        Self::InternalFailure,
        Self::BrokenConnection,
        Self::Unimplemented,
    ];
}
