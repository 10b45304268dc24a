use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, ImportSection, MemorySection, MemoryType, RefType, TableSection,
    TableType, TypeSection,
};
use wasmparser::{Parser, Payload};

use crate::exports::KEPT;
use crate::module::{Module, TrimError};

/// A callback of ours, and the SDK's.
const OURS: (&str, &str) = ("keystile_on_tick", "proxy_on_tick");

/// How many functions a module of the tests imports.
const IMPORTED: u32 = 1;

/// A module that exports what a filter has to, and `more`; function `n` calls `callees[n]`.
struct Draft {
    more: Vec<(&'static str, u32)>,
    without: Option<&'static str>,
    callees: Vec<Vec<u32>>,
    in_table: Vec<u32>,
}

impl Draft {
    /// Function 1 is what all needed exports are, function 2 what goes.
    fn new() -> Self {
        Self {
            more: vec![("proxy_on_log", 2), ("__heap_base", 2), (OURS.1, 2)],
            without: None,
            callees: vec![vec![], vec![3], vec![3, 4], vec![], vec![]],
            in_table: Vec::new(),
        }
    }

    fn build(&self) -> Vec<u8> {
        let count = u32::try_from(self.callees.len()).unwrap();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("env", "host", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        (IMPORTED..count).for_each(|_| {
            functions.function(0);
        });
        let mut module = wasm_encoder::Module::new();
        module.section(&types).section(&imports).section(&functions);
        module.section(&table()).section(&memory());
        module.section(&self.exports());
        let mut elements = ElementSection::new();
        let in_table = self.in_table.as_slice().into();
        elements.active(
            None,
            &ConstExpr::i32_const(0),
            Elements::Functions(in_table),
        );
        module.section(&elements).section(&self.code());
        module.finish()
    }

    fn exports(&self) -> ExportSection {
        let mut exports = ExportSection::new();
        for name in KEPT.iter().filter(|name| Some(**name) != self.without) {
            match *name {
                "memory" => exports.export(name, ExportKind::Memory, 0),
                name if name == OURS.1 => exports.export(OURS.0, ExportKind::Func, 1),
                _ => exports.export(name, ExportKind::Func, 1),
            };
        }
        for (name, function) in &self.more {
            exports.export(name, ExportKind::Func, *function);
        }
        exports
    }

    fn code(&self) -> CodeSection {
        let mut code = CodeSection::new();
        for callees in self.callees.iter().skip(IMPORTED as usize) {
            let mut function = Function::new([]);
            for callee in callees {
                function.instructions().call(*callee);
            }
            function.instructions().nop().end();
            code.function(&function);
        }
        code
    }
}

fn table() -> TableSection {
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 8,
        maximum: None,
        shared: false,
    });
    tables
}

fn memory() -> MemorySection {
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    memories
}

fn trimmed(draft: &Draft) -> Vec<u8> {
    Module::parse(&draft.build()).unwrap().trim().unwrap()
}

fn exports(module: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ExportSection(exports) = payload.unwrap() {
            names.extend(
                exports
                    .into_iter()
                    .map(|export| export.unwrap().name.to_owned()),
            );
        }
    }
    names
}

/// The functions that are more than a trap, by number.
fn alive(module: &[u8]) -> Vec<u32> {
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CodeSectionEntry(body) = payload.unwrap() {
            bodies.push(body.as_bytes() != [0, 0x00, 0x0b]);
        }
    }
    let numbered = (IMPORTED..).zip(bodies);
    numbered
        .filter_map(|(number, is_alive)| is_alive.then_some(number))
        .collect()
}

#[test]
fn only_what_a_proxy_calls_is_exported() {
    assert_eq!(exports(&trimmed(&Draft::new())), KEPT);
}

#[test]
fn what_only_the_others_reach_is_empty() {
    assert_eq!(alive(&trimmed(&Draft::new())), [1, 3]);
}

#[test]
fn what_a_table_holds_stays_with_what_it_reaches() {
    let mut draft = Draft::new();
    draft.in_table = vec![2];
    assert_eq!(alive(&trimmed(&draft)), [1, 2, 3, 4]);
}

#[test]
fn a_callback_of_the_sdks_stays_where_there_is_none_of_ours() {
    let mut draft = Draft::new();
    draft.without = Some(OURS.1);
    assert_eq!(alive(&trimmed(&draft)), [1, 2, 3, 4]);
}

#[test]
fn a_module_without_a_callback_that_is_needed_is_refused_by_its_name() {
    let mut draft = Draft::new();
    draft.without = Some("proxy_on_delete");
    let error = Module::parse(&draft.build()).unwrap().trim().unwrap_err();
    assert!(
        matches!(error, TrimError::Missing("proxy_on_delete")),
        "{error}"
    );
}

#[test]
fn what_is_no_module_is_refused() {
    for bytes in [b"".as_slice(), b"\0asm", b"\x7fELF\x02\x01\x01\0"] {
        assert!(Module::parse(bytes).is_err(), "{bytes:?}");
    }
}
