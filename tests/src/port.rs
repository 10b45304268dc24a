//! Ports for servers that have to be told theirs.

use std::collections::hash_map::RandomState;
use std::env;
use std::fs::{self, File};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;

/// Below what operating systems take for outgoing connections (Linux: from 32768), so that a port
/// stays free between a server's end and its next start.
const RANGE: Range<u16> = 20_000..30_000;

const ATTEMPTS: usize = 200;

/// A port of the loopback interface that is ours until this is dropped: no other test takes it
/// meanwhile, in whatever process, whether somebody listens on it or not.
#[derive(Debug)]
pub struct Port {
    number: u16,
    // The lock on this file is the claim; it ends with the process at the latest.
    _claim: File,
}

// === impl Port ===

impl Port {
    /// Claims a port that nobody listens on.
    pub fn claim() -> io::Result<Self> {
        let folder = env::temp_dir().join("keystile-ports");
        fs::create_dir_all(&folder)?;
        for _ in 0..ATTEMPTS {
            let number = RANGE.start + random() % (RANGE.end - RANGE.start);
            let claim = File::create(folder.join(number.to_string()))?;
            let is_ours = claim.try_lock().is_ok();
            if is_ours && TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok() {
                return Ok(Self {
                    number,
                    _claim: claim,
                });
            }
        }
        Err(io::ErrorKind::AddrInUse.into())
    }

    /// Returns its number.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// Returns where to listen.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.number).into()
    }
}

/// The standard library's only source of randomness is the seed of its hash maps.
fn random() -> u16 {
    let [high, low, ..] = RandomState::new().build_hasher().finish().to_be_bytes();
    u16::from_be_bytes([high, low])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claimed_port_is_nobody_elses() {
        let port = Port::claim().unwrap();
        assert!(TcpListener::bind(port.address()).is_ok(), "it is free");
        let file = env::temp_dir().join(format!("keystile-ports/{}", port.number()));
        assert!(File::create(file).unwrap().try_lock().is_err());
    }
}
