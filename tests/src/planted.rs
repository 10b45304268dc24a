//! The filter with faults planted in it, which the one that is shipped must not have.
//!
//! A request with [`TRAPS_AT`] header fields or more traps the filter, one with [`HANGS_AT`] or more
//! holds it in a loop for ever; all others go to the filter as it is. The module is the shipped one
//! with one function more, around the callback for a request's head.

use std::fs;
use std::path::Path;

use wasm_encoder::{
    BlockType, CodeSection, ExportKind, ExportSection, Function, FunctionSection, Module,
    RawSection,
};
use wasmparser::{BinaryReaderError, ExternalKind, Parser, Payload, TypeRef};

use crate::error::StageError;
use crate::places;

/// From how many header fields on the filter never returns.
pub const HANGS_AT: i32 = 60;

/// From how many header fields on the filter traps; Envoy takes 100 at most.
pub const TRAPS_AT: i32 = 80;

/// `i32 proxy_on_request_headers(i32 context, i32 header_count, i32 end_of_stream)` (proxy-wasm ABI
/// 0.2.1).
const CALLBACK: &str = "proxy_on_request_headers";
const PARAMETERS: [u32; 3] = [0, 1, 2];
const HEADER_COUNT: u32 = 1;

/// What is to be known of a module to put a function around one of its own.
#[derive(Debug, Default)]
struct Anatomy<'a> {
    sections: Vec<(u8, &'a [u8])>,
    imported: u32,
    types: Vec<u32>,
    exports: Vec<wasmparser::Export<'a>>,
    bodies: Vec<&'a [u8]>,
}

/// Writes the filter with the faults into a file.
pub fn write(file: &Path) -> Result<(), StageError> {
    let shipped = fs::read(places::filter()?).map_err(StageError::io("cannot read the filter"))?;
    let anatomy =
        Anatomy::read(&shipped).map_err(|error| StageError::unexpected("module", &error))?;
    fs::write(file, anatomy.with_faults()?).map_err(StageError::io("cannot write a filter"))
}

// === impl Anatomy ===

impl<'a> Anatomy<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut anatomy = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            if let Some((id, range)) = payload.as_section() {
                let section = bytes.get(range).unwrap_or_default();
                anatomy.sections.push((id, section));
            }
            anatomy.note(payload)?;
        }
        Ok(anatomy)
    }

    fn note(&mut self, payload: Payload<'a>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    self.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::FunctionSection(functions) => {
                for function in functions {
                    self.types.push(function?);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    self.exports.push(export?);
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body.as_bytes()),
            _ => {}
        }
        Ok(())
    }

    fn with_faults(&self) -> Result<Vec<u8>, StageError> {
        let callback = self.exports.iter().find(|export| export.name == CALLBACK);
        let callback = callback.map(|export| export.index);
        let kind = callback
            .and_then(|index| index.checked_sub(self.imported))
            .and_then(|index| self.types.get(index as usize).copied());
        let (Some(callback), Some(kind)) = (callback, kind) else {
            return Err(StageError::unexpected("callback", &CALLBACK));
        };
        let mut module = Module::new();
        for (id, data) in &self.sections {
            match *id {
                3 => module.section(&self.functions(kind)),
                7 => module.section(&self.exports()?),
                10 => module.section(&self.code(callback)),
                id => module.section(&RawSection { id, data }),
            };
        }
        Ok(module.finish())
    }

    fn functions(&self, of_callback: u32) -> FunctionSection {
        let mut section = FunctionSection::new();
        for kind in self.types.iter().chain([&of_callback]) {
            section.function(*kind);
        }
        section
    }

    fn exports(&self) -> Result<ExportSection, StageError> {
        let added = self.imported + u32::try_from(self.types.len()).unwrap_or(u32::MAX);
        let mut section = ExportSection::new();
        for export in &self.exports {
            let (kind, index) = match export.kind {
                ExternalKind::Func if export.name == CALLBACK => (ExportKind::Func, added),
                ExternalKind::Func => (ExportKind::Func, export.index),
                ExternalKind::Memory => (ExportKind::Memory, export.index),
                other => return Err(StageError::unexpected("export of a filter", &other)),
            };
            section.export(export.name, kind, index);
        }
        Ok(section)
    }

    fn code(&self, callback: u32) -> CodeSection {
        let mut section = CodeSection::new();
        for body in &self.bodies {
            section.raw(body);
        }
        section.function(&faulty(callback));
        section
    }
}

/// The callback with the faults before it.
fn faulty(callback: u32) -> Function {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.local_get(HEADER_COUNT).i32_const(TRAPS_AT).i32_ge_s();
    code.if_(BlockType::Empty).unreachable().end();
    code.local_get(HEADER_COUNT).i32_const(HANGS_AT).i32_ge_s();
    code.if_(BlockType::Empty).loop_(BlockType::Empty);
    code.br(0).end().end();
    for parameter in PARAMETERS {
        code.local_get(parameter);
    }
    code.call(callback).end();
    function
}
