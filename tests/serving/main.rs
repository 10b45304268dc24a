//! The registry as its operators run it: processes that are told to stop, replicas, certificates that are
//! replaced, mail servers that are slow, clients that mean harm.

#![cfg(test)]

mod authority;
mod crowd;
mod drain;
mod figures;
mod floods;
mod mail;
mod mail_tls;
mod notices;
mod postgres_tls;
mod recorded;
mod replicas;
mod tls;
mod world;
