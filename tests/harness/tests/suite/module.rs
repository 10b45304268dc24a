//! Loading a module.

use std::fs;
use std::path::PathBuf;

use proxy_wasm_harness::{End, Exchange, LoadError, Module, Plugin};

const TEXT: &str = r#"(module (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 0)))"#;

/// Returns an empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // It is there if an earlier run was cut off.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn compiled(folder: &PathBuf) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|it| it == "cwasm"))
        .collect()
}

#[test]
fn what_one_process_compiled_another_uses_until_the_filter_changes() {
    let folder = folder("cached-module");
    let file = folder.join("filter.wat");
    for (text, expected) in [(TEXT, 1), (TEXT, 1), (&format!("{TEXT} "), 2)] {
        fs::write(&file, text).unwrap();
        let module = Module::load_cached(&file, &folder).unwrap();
        let mut vm = Plugin::new(&module).start().unwrap();
        assert_eq!(Exchange::get("/").send(&mut vm).end, End::Answered);
        assert_eq!(compiled(&folder).len(), expected);
    }
}

#[test]
fn a_cached_file_that_is_broken_is_compiled_anew() {
    let folder = folder("broken-module");
    let file = folder.join("filter.wat");
    fs::write(&file, TEXT).unwrap();
    Module::load_cached(&file, &folder).unwrap();
    fs::write(&compiled(&folder)[0], "nonsense").unwrap();
    let module = Module::load_cached(&file, &folder).unwrap();
    assert!(Plugin::new(&module).start().is_ok());
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let missing = Module::load("nowhere/filter.wasm").unwrap_err();
    assert!(matches!(missing, LoadError::Unreadable { .. }));
    assert!(missing.to_string().contains("nowhere/filter.wasm"));
}
