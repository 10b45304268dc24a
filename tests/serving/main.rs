//! The registry as its operators run it: processes that are told to stop, replicas, certificates that are
//! replaced, mail servers that are slow, clients that mean harm.

#![cfg(test)]

mod drain;
mod figures;
mod floods;
mod mail;
mod replicas;
mod tls;
mod world;
