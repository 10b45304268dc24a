//! One part: its headers and its value (RFC 7578, section 4.2).

use core::ops::Range;
use std::borrow::Cow;

use super::InvalidMultipart;
use super::lines::{Break, Line, lines};
use crate::parameters::{self, Parameter};

/// A part of a form.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Part<'a> {
    name: Option<Cow<'a, [u8]>>,
    has_file_name: bool,
    has_content_type: bool,
    /// What follows its headers.
    pub(crate) value: &'a [u8],
    /// Where it stands: from its delimiter to the next.
    pub(crate) span: Range<usize>,
}

// === impl Part ===

impl<'a> Part<'a> {
    /// Reads what is between two delimiters.
    pub(super) fn parse(
        contents: &'a [u8],
        line_break: Break,
        span: Range<usize>,
    ) -> Result<Self, InvalidMultipart> {
        let mut part = Self {
            name: None,
            has_file_name: false,
            has_content_type: false,
            value: &[],
            span,
        };
        let mut is_disposed = false;
        for line in lines(contents) {
            if line.end != line_break {
                return Err(InvalidMultipart);
            }
            if line.text.is_empty() {
                part.value = contents.get(line.next()..).unwrap_or_default();
                break;
            }
            let (name, value) = split_header(&line)?;
            if name.eq_ignore_ascii_case(b"content-disposition") {
                if core::mem::replace(&mut is_disposed, true) {
                    return Err(InvalidMultipart);
                }
                part.read_disposition(value)?;
            }
            part.has_content_type |= name.eq_ignore_ascii_case(b"content-type");
        }
        Ok(part)
    }

    /// Whether this is the name; case counts.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name.as_bytes())
    }

    /// Whether the part is an uploaded file: it has a file name and, as every browser and client
    /// library sends with one, a type of its own. Kong's cases count a part with no more than a
    /// file name as a field.
    pub(crate) fn is_file(&self) -> bool {
        self.has_file_name && self.has_content_type
    }

    fn read_disposition(&mut self, value: &'a [u8]) -> Result<(), InvalidMultipart> {
        let (disposition, rest) = parameters::split(value);
        if !disposition.eq_ignore_ascii_case(b"form-data") {
            return Err(InvalidMultipart);
        }
        for parameter in parameters::parse(rest).map_err(|_| InvalidMultipart)? {
            self.read_parameter(parameter)?;
        }
        Ok(())
    }

    /// A second name, or one in RFC 2231's encoding (which RFC 7578, section 4.2, rules out), would
    /// be read by some.
    fn read_parameter(&mut self, parameter: Parameter<'a>) -> Result<(), InvalidMultipart> {
        if parameter.extends("name") || parameter.is_named("name") && self.name.is_some() {
            return Err(InvalidMultipart);
        }
        if parameter.is_named("name") {
            self.name = Some(parameter.value);
        } else if parameter.is_named("filename") || parameter.extends("filename") {
            self.has_file_name = true;
        }
        Ok(())
    }
}

/// A folded line or a space before the colon is read in several ways.
fn split_header<'a>(line: &Line<'a>) -> Result<(&'a [u8], &'a [u8]), InvalidMultipart> {
    let mut halves = line.text.splitn(2, |byte| *byte == b':');
    match (halves.next(), halves.next()) {
        (Some(name), Some(value)) if name.iter().all(u8::is_ascii_graphic) => Ok((name, value)),
        _ => Err(InvalidMultipart),
    }
}
