//! Measures how many requests per second go through a filter on one core, each in a fresh virtual
//! machine, and each in the same one: `cargo bench --bench cycles -- filter.wasm configuration.json`.
//!
//! The two take turns, so that a busy machine slows both; what is printed are medians.

use std::env::args;
use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

use proxy_wasm_harness::{Exchange, Module, Plugin, Vm};

const TURNS: usize = 15;
const CYCLES_PER_TURN: u32 = 500;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds an option of its own.
    let mut arguments = args().skip(1).filter(|word| !word.starts_with("--"));
    let file = arguments.next().ok_or("say which filter")?;
    let configuration = arguments.next().map(fs::read).transpose()?;
    let begun = Instant::now();
    let module = Module::load(&file)?;
    println!("compiled in {:?}", begun.elapsed());
    let plugin = Plugin::new(&module).configuration(configuration.unwrap_or_default());
    let (mut fresh, mut same) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        fresh.push(in_fresh_machines(&plugin)?);
        same.push(in_one_machine(&mut plugin.start()?));
    }
    print_median("a fresh machine for each request", fresh);
    print_median("one machine for all requests", same);
    Ok(())
}

fn in_fresh_machines(plugin: &Plugin) -> Result<Duration, Box<dyn Error>> {
    let begun = Instant::now();
    for _ in 0..CYCLES_PER_TURN {
        let mut vm = plugin.start()?;
        Exchange::get("/").header("apikey", "x").send(&mut vm);
    }
    Ok(begun.elapsed() / CYCLES_PER_TURN)
}

fn in_one_machine(vm: &mut Vm) -> Duration {
    let begun = Instant::now();
    for _ in 0..CYCLES_PER_TURN {
        Exchange::get("/").header("apikey", "x").send(vm);
    }
    begun.elapsed() / CYCLES_PER_TURN
}

fn print_median(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let rate = 1.0 / median.as_secs_f64();
    println!("{what}: {median:?}, {rate:.0} a second");
}
