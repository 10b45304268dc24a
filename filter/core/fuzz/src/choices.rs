//! An input read as a series of choices; when it is used up, every choice is the first.

/// What of an input has not been used.
pub(crate) struct Choices<'a>(&'a [u8]);

// === impl Choices ===

impl<'a> Choices<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or_default()
    }

    /// Chooses a number below an end, which is at most 256.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    pub(crate) fn number(&mut self) -> i64 {
        let mut number = [0; 8];
        for (to, from) in number.iter_mut().zip(self.bytes(8)) {
            *to = *from;
        }
        i64::from_le_bytes(number)
    }

    /// Takes so many bytes, or all that are left.
    pub(crate) fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }
}
