//! A module, section by section: exports and code are written anew, all else as it was.

use std::collections::BTreeSet;
use std::ops::Range;

use wasm_encoder::{CodeSection, ExportKind, ExportSection, RawSection};
use wasmparser::{
    BinaryReaderError, ConstExpr, Element, ElementItems, ElementSectionReader, Export,
    ExternalKind, FunctionBody, GlobalSectionReader, ImportSectionReader, Operator,
    OperatorsReader, Parser, Payload, TypeRef,
};

use crate::exports::{KEPT, is_replaced_by, kept_name};
use crate::reach::Calls;

/// The code section's id (WebAssembly core specification, 5.5.2), and the export section's.
const CODE: u8 = 10;
const EXPORTS: u8 = 7;

/// `unreachable`, `end`, and no locals before them: what is left of a function nothing calls.
const EMPTY: [u8; 3] = [0, 0x00, 0x0b];

/// A module as it was read.
#[derive(Debug, Default)]
pub(crate) struct Module<'a> {
    sections: Vec<(u8, &'a [u8])>,
    exports: Vec<Export<'a>>,
    bodies: Vec<&'a [u8]>,
    calls: Calls,
    /// Functions that are called without being exported: by the start, or through a table.
    roots: Vec<u32>,
    imported: usize,
}

/// A module cannot be trimmed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrimError {
    /// It is no module.
    #[error("cannot read the module: {0}")]
    Malformed(#[from] BinaryReaderError),
    /// An export that a proxy needs is not there.
    #[error("the module does not export `{0}`")]
    Missing(&'static str),
    /// It exports something a filter does not.
    #[error("the module exports `{0}`, which is neither a function nor a memory")]
    UnknownKind(String),
}

// === impl Module ===

impl<'a> Module<'a> {
    /// Reads a module.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, TrimError> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            if let Some((id, range)) = payload.as_section() {
                module.sections.push((id, slice(bytes, range)));
            }
            module.read(payload)?;
        }
        Ok(module)
    }

    /// Returns the module with the exports that are kept, and the code they lead to.
    pub(crate) fn trim(&self) -> Result<Vec<u8>, TrimError> {
        for name in KEPT {
            let mut names = self
                .exports
                .iter()
                .map(|export| self.kept_name(export.name));
            if !names.any(|kept| kept == Some(name)) {
                return Err(TrimError::Missing(name));
            }
        }
        let mut output = wasm_encoder::Module::new();
        for (id, data) in &self.sections {
            match *id {
                EXPORTS => output.section(&self.kept_exports()?),
                CODE => output.section(&self.reached_code()),
                id => output.section(&RawSection { id, data }),
            };
        }
        Ok(output.finish())
    }

    fn read(&mut self, payload: Payload<'a>) -> Result<(), TrimError> {
        match payload {
            Payload::ImportSection(imports) => self.read_imports(imports)?,
            Payload::GlobalSection(globals) => self.read_globals(globals)?,
            Payload::ExportSection(exports) => {
                for export in exports {
                    self.exports.push(export?);
                }
            }
            Payload::StartSection { func, .. } => self.roots.push(func),
            Payload::ElementSection(elements) => self.read_elements(elements)?,
            Payload::CodeSectionEntry(body) => self.read_body(&body)?,
            _ => {}
        }
        Ok(())
    }

    fn read_imports(&mut self, imports: ImportSectionReader<'a>) -> Result<(), TrimError> {
        for import in imports.into_imports() {
            if matches!(import?.ty, TypeRef::Func(_)) {
                self.imported += 1;
                self.calls.push(Vec::new());
            }
        }
        Ok(())
    }

    fn read_globals(&mut self, globals: GlobalSectionReader<'a>) -> Result<(), TrimError> {
        for global in globals {
            self.roots.extend(named_in(&global?.init_expr)?);
        }
        Ok(())
    }

    /// What is in a table may be called by whoever has its number.
    fn read_elements(&mut self, elements: ElementSectionReader<'a>) -> Result<(), TrimError> {
        for element in elements {
            let Element { items, .. } = element?;
            match items {
                ElementItems::Functions(functions) => {
                    for function in functions {
                        self.roots.push(function?);
                    }
                }
                ElementItems::Expressions(_, expressions) => {
                    for expression in expressions {
                        self.roots.extend(named_in(&expression?)?);
                    }
                }
            }
        }
        Ok(())
    }

    fn read_body(&mut self, body: &FunctionBody<'a>) -> Result<(), TrimError> {
        self.calls.push(named_by(body.get_operators_reader()?)?);
        self.bodies.push(body.as_bytes());
        Ok(())
    }

    fn kept_exports(&self) -> Result<ExportSection, TrimError> {
        let mut section = ExportSection::new();
        for export in &self.exports {
            let Some(name) = self.kept_name(export.name) else {
                continue;
            };
            let kind = match export.kind {
                ExternalKind::Func => ExportKind::Func,
                ExternalKind::Memory => ExportKind::Memory,
                _ => return Err(TrimError::UnknownKind(export.name.to_owned())),
            };
            section.export(name, kind, export.index);
        }
        Ok(section)
    }

    fn kept_name(&self, name: &str) -> Option<&'static str> {
        let mut exports = self.exports.iter();
        if exports.any(|other| is_replaced_by(name, other.name)) {
            return None;
        }
        kept_name(name)
    }

    fn reached_code(&self) -> CodeSection {
        let functions = self.exports.iter().filter(|export| {
            export.kind == ExternalKind::Func && self.kept_name(export.name).is_some()
        });
        let mut roots = self.roots.clone();
        roots.extend(functions.map(|export| export.index));
        let reached = self.calls.reached_from(&roots);
        let mut section = CodeSection::new();
        for (body, is_reached) in self.bodies.iter().zip(reached.iter().skip(self.imported)) {
            section.raw(if *is_reached { body } else { &EMPTY });
        }
        section
    }
}

fn slice(bytes: &[u8], range: Range<usize>) -> &[u8] {
    bytes.get(range).unwrap_or_default()
}

fn named_in(expression: &ConstExpr<'_>) -> Result<Vec<u32>, BinaryReaderError> {
    named_by(expression.get_operators_reader())
}

fn named_by(operators: OperatorsReader<'_>) -> Result<Vec<u32>, BinaryReaderError> {
    let mut named = BTreeSet::new();
    for operator in operators {
        match operator? {
            Operator::Call { function_index }
            | Operator::ReturnCall { function_index }
            | Operator::RefFunc { function_index } => {
                named.insert(function_index);
            }
            _ => {}
        }
    }
    Ok(named.into_iter().collect())
}
