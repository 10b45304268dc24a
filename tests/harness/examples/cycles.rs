//! Measures how many requests per second go through a filter, each in a fresh virtual machine:
//! `cargo run --release --example cycles -- filter.wasm configuration.json`.

use std::env::args;
use std::error::Error;
use std::fs;
use std::time::Instant;

use proxy_wasm_harness::{Exchange, Module, Plugin};

const CYCLES: u32 = 5_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = args().skip(1);
    let file = arguments.next().ok_or("say which filter")?;
    let configuration = arguments.next().map(fs::read).transpose()?;
    let begun = Instant::now();
    let module = Module::load(&file)?;
    println!("compiled in {:?}", begun.elapsed());
    let plugin = Plugin::new(&module).configuration(configuration.unwrap_or_default());
    let begun = Instant::now();
    for _ in 0..CYCLES {
        let mut vm = plugin.start()?;
        Exchange::get("/").header("apikey", "x").send(&mut vm);
    }
    let cycle = begun.elapsed() / CYCLES;
    println!("{cycle:?} for each fresh machine and request");
    let mut vm = plugin.start()?;
    let begun = Instant::now();
    for _ in 0..CYCLES {
        Exchange::get("/").header("apikey", "x").send(&mut vm);
    }
    println!("{:?} for each request alone", begun.elapsed() / CYCLES);
    Ok(())
}
