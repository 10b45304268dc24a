//! Whom the filter may ask, and what they answer: said once for both hosts.

/// The cluster of the service that answers.
pub(crate) const SERVICE: &str = "service";
/// The cluster of a port on which nobody listens.
pub(crate) const REFUSES: &str = "refuses";
/// The cluster of the gRPC server.
pub(crate) const GRPC: &str = "grpc";

/// What the service does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
        trailers: Vec<(&'static str, String)>,
        /// How many milliseconds it takes.
        after_ms: u64,
    },
    /// It never answers.
    Nothing,
    /// It ends the connection.
    HangUp,
}

/// What the service is asked.
#[derive(Clone, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) asks: &'a str,
    pub(crate) body: &'a [u8],
}

/// Decides what the service does.
pub(crate) fn serve(question: &Question<'_>) -> Deed {
    let answer = |status, body: &[u8], trailers, after_ms| Deed::Answer {
        status,
        headers: vec![
            ("t-answer", "yes".to_owned()),
            ("t-echo", format!("{} {}", question.method, question.asks)),
        ],
        body: body.to_vec(),
        trailers,
        after_ms,
    };
    match question.path {
        "/pong" => answer(200, b"pong", Vec::new(), 0),
        "/echo" => answer(200, question.body, Vec::new(), 0),
        "/teapot" => answer(418, b"short and stout", Vec::new(), 0),
        "/trailers" => {
            let trailers = vec![("t-trailer", "last".to_owned())];
            answer(200, b"first", trailers, 0)
        }
        "/late" => answer(200, b"late", Vec::new(), 300),
        "/hang-up" => Deed::HangUp,
        _ => Deed::Nothing,
    }
}

/// What the gRPC server does when a call or a stream begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// Sends the message back.
    Echo,
    /// Fails with `PERMISSION_DENIED` and a message.
    Fail,
    /// Begins with metadata, sends back what comes, ends with metadata once the other side does.
    Chat,
    /// Never answers.
    Never,
}

// === impl Method ===

impl Method {
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "Echo" => Self::Echo,
            "Fail" => Self::Fail,
            "Chat" => Self::Chat,
            _ => Self::Never,
        }
    }
}
