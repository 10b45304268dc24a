//! What a callout to the registry brought, and whether it is the registry's.

/// The outcome of a callout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<'a> {
    /// The registry's own answer.
    Registry(&'a [u8]),
    /// Anything else: none came, or it is not one to believe.
    Unreachable,
}

// === impl Answer ===

impl<'a> Answer<'a> {
    /// Judges a response by its status and by the value of `x-keystile-registry`.
    ///
    /// Envoy makes up a 503 or 504 when a callout fails, and a proxy in between can make up
    /// anything, so only a 200 that carries the registry's mark is believed.
    pub fn judge(status: Option<&[u8]>, mark: Option<&[u8]>, body: &'a [u8]) -> Self {
        if status == Some(b"200") && mark.is_some() {
            Self::Registry(body)
        } else {
            Self::Unreachable
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_marked_200_is_the_registrys() {
        let mark = Some(b"1".as_slice());
        for (status, mark) in [
            (Some(b"503".as_slice()), mark),
            (Some(b"204"), mark),
            (Some(b"200"), None),
            (None, mark),
        ] {
            assert_eq!(Answer::judge(status, mark, b"x"), Answer::Unreachable);
        }
        assert_eq!(
            Answer::judge(Some(b"200"), mark, b"x"),
            Answer::Registry(b"x")
        );
    }
}
