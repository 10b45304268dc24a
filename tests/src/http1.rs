//! HTTP/1.1 messages as they are on the wire (RFC 9112), read without judging them.
//!
//! [`head`] is what precedes a body, [`reader`] takes messages off a connection. Both ends of the
//! stage use them: the client for responses, the upstream for requests.

pub mod head;
pub mod reader;

pub use head::{Head, HeaderLine};
pub use reader::{Body, Framing, MessageReader, ReadError};
