//! Walks the grammar of RFC 8259 without recursion.

use super::{InvalidJson, Value};

/// A position in a document, everything before which is valid.
pub(super) struct Cursor<'a> {
    document: &'a [u8],
    position: usize,
    max_depth: usize,
}

// === impl Cursor ===

impl<'a> Cursor<'a> {
    /// Starts in front of a document whose outermost value is the first of `max_depth` levels.
    pub(super) fn new(document: &'a [u8], max_depth: usize) -> Self {
        Self {
            document,
            position: 0,
            max_depth,
        }
    }

    /// Returns how many bytes are behind the cursor.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.position += 1;
        }
    }

    /// Steps over a byte if it is the next.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.position += usize::from(is_next);
        is_next
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), InvalidJson> {
        if self.eat(byte) {
            Ok(())
        } else {
            Err(InvalidJson)
        }
    }

    pub(super) fn expect_end(&self) -> Result<(), InvalidJson> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(InvalidJson),
        }
    }

    /// Steps over a member's name and what separates it from the value.
    pub(super) fn name(&mut self) -> Result<&'a [u8], InvalidJson> {
        let name = self.string()?;
        self.skip_space();
        self.expect(b':')?;
        self.skip_space();
        Ok(name)
    }

    /// Steps over a value of the outermost object.
    pub(super) fn value(&mut self) -> Result<Value<'a>, InvalidJson> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'{' | b'[') => self.container().map(|()| Value::Container),
            _ => self.scalar().map(|()| Value::Scalar),
        }
    }

    /// Steps over an array or object and all it holds; `closers` is what a recursive descent would
    /// have on its stack.
    fn container(&mut self) -> Result<(), InvalidJson> {
        let mut closers = Vec::new();
        loop {
            let is_opened = self.open_or_skip(&mut closers)?;
            if !is_opened && !self.continue_or_close(&mut closers)? {
                return Ok(());
            }
        }
    }

    /// Steps over a string, a scalar or an empty container, or into a container up to its first
    /// value; tells whether it is in a new one.
    fn open_or_skip(&mut self, closers: &mut Vec<u8>) -> Result<bool, InvalidJson> {
        let closer = match self.peek() {
            Some(b'{') => b'}',
            Some(b'[') => b']',
            Some(b'"') => return self.string().map(|_| false),
            _ => return self.scalar().map(|()| false),
        };
        if closers.len() + 2 > self.max_depth {
            return Err(InvalidJson);
        }
        self.position += 1;
        self.skip_space();
        if self.eat(closer) {
            return Ok(false);
        }
        closers.push(closer);
        self.enter(closer).map(|()| true)
    }

    /// Steps over the ends of containers up to the next value; tells whether there is one.
    fn continue_or_close(&mut self, closers: &mut Vec<u8>) -> Result<bool, InvalidJson> {
        while let Some(closer) = closers.last().copied() {
            self.skip_space();
            if !self.eat(closer) {
                self.expect(b',')?;
                self.skip_space();
                return self.enter(closer).map(|()| true);
            }
            closers.pop();
        }
        Ok(false)
    }

    /// Steps up to a value: in an object its name comes first.
    fn enter(&mut self, closer: u8) -> Result<(), InvalidJson> {
        if closer == b'}' {
            self.name()?;
        }
        Ok(())
    }

    /// Steps over a string and returns what is between its quotes.
    fn string(&mut self) -> Result<&'a [u8], InvalidJson> {
        self.expect(b'"')?;
        let start = self.position;
        loop {
            match self.next()? {
                b'"' => break,
                b'\\' => self.escape()?,
                0..b' ' => return Err(InvalidJson),
                _ => {}
            }
        }
        let between = self.document.get(start..self.position - 1);
        between.ok_or(InvalidJson)
    }

    fn escape(&mut self) -> Result<(), InvalidJson> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => {
                for _ in 0..4 {
                    if !self.next()?.is_ascii_hexdigit() {
                        return Err(InvalidJson);
                    }
                }
                Ok(())
            }
            _ => Err(InvalidJson),
        }
    }

    fn scalar(&mut self) -> Result<(), InvalidJson> {
        match self.peek() {
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            _ => self.number(),
        }
    }

    fn literal(&mut self, literal: &[u8]) -> Result<(), InvalidJson> {
        literal.iter().try_for_each(|byte| self.expect(*byte))
    }

    fn number(&mut self) -> Result<(), InvalidJson> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _is_signed = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), InvalidJson> {
        let start = self.position;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.position += 1;
        }
        if self.position > start {
            Ok(())
        } else {
            Err(InvalidJson)
        }
    }

    fn next(&mut self) -> Result<u8, InvalidJson> {
        let byte = self.peek().ok_or(InvalidJson)?;
        self.position += 1;
        Ok(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.document.get(self.position).copied()
    }
}
