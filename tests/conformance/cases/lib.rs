//! What runs of many cases share.
//!
//! [`case_file`] reads files of cases, [`tally`] counts what came of them. [`resident`] is a registry
//! in this process: for state that no API would take, and for one after the other. [`uplink`] is how
//! the harness's virtual machines reach it.

pub mod case_file;
pub mod resident;
pub mod tally;
pub mod uplink;
