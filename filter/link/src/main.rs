//! `keystile-link IN OUT`: leaves in a filter what a proxy calls.
//!
//! The SDK exports every callback there is, and a host calls every callback that is exported:
//! entering the VM for those that do nothing costs a request 3.5 us. So this takes the others'
//! exports out ([`exports`]), and empties the functions that only they reach ([`reach`]); the
//! functions stay where they are, so that nothing else has to change.

mod exports;
mod module;
mod reach;
#[cfg(test)]
mod tests;

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fs;

use module::Module;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let (Some(from), Some(to), None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("use: keystile-link IN OUT".into());
    };
    link(&from, &to)
}

fn link(from: &OsString, to: &OsString) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(from)?;
    fs::write(to, Module::parse(&bytes)?.trim()?)?;
    Ok(())
}
