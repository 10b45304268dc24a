//! What keys were used for, as a gateway's VM reports it: counted, never listed.

use serde::{Deserialize, Serialize};

use crate::id::{CredentialId, ServiceId};

/// How many latency buckets there are: one for each of [`LATENCY_BOUNDS_MS`], and one above.
pub const LATENCY_BUCKETS: usize = LATENCY_BOUNDS_MS.len() + 1;

/// The upper bounds of the latency buckets, in milliseconds: two to each doubling, so that a
/// percentile read from them is off by a quarter at most.
pub const LATENCY_BOUNDS_MS: [u64; 32] = [
    1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048,
    3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768, 49152, 65536,
];

/// The most counts in a report.
pub const MOST_COUNTS: usize = 1024;

/// `POST /gateway/v1/usage`: how a VM is doing, and what keys were used for since its last report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The gateway, by its node id.
    pub gateway: String,
    /// One of its VMs.
    pub vm: String,
    /// Which of the VM's reports this is; one that comes again is not counted again.
    pub sequence: u64,
    /// The filter's version.
    pub version: String,
    /// The revision everything is known up to.
    pub revision: u64,
    /// How old the registry's last answer is, in milliseconds.
    pub age_ms: Option<u64>,
    /// What keeps it from serving what services ask for.
    pub warnings: Vec<Warning>,
    /// What was counted.
    pub counts: Vec<Count>,
}

/// What keeps a gateway from serving what services ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// Services look for keys in bodies, which the gateway does not read.
    BodiesNotRead,
    /// Services name an anonymous application that does not exist.
    AnonymousMissing,
    /// More was used than could be counted.
    UsageLost,
}

/// How often a credential was used for a service with the same outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The credential.
    pub credential: CredentialId,
    /// The service.
    pub service: ServiceId,
    /// The status the client saw; 0 if it left before there was one.
    pub status: u16,
    /// When it was last used so, in milliseconds since the Unix epoch, by the gateway's clock.
    pub last_ms: i64,
    /// How many requests took how long, by bucket; each bucket once, in order.
    pub latencies: Vec<Latency>,
}

/// How many requests took about as long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// The bucket.
    pub bucket: u8,
    /// How many requests.
    pub requests: u32,
}

/// Returns the bucket of a latency.
pub fn latency_bucket(latency_ms: u64) -> u8 {
    let below = LATENCY_BOUNDS_MS.partition_point(|bound| *bound < latency_ms);
    u8::try_from(below).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_in_the_bucket_that_ends_at_or_above_it() {
        for (latency_ms, bucket) in [(0, 0), (1, 0), (2, 1), (5, 4), (6, 4), (65_536, 31)] {
            assert_eq!(latency_bucket(latency_ms), bucket, "{latency_ms} ms");
        }
    }

    #[test]
    fn what_takes_longer_than_all_bounds_is_in_the_last_bucket() {
        assert_eq!(usize::from(latency_bucket(u64::MAX)), LATENCY_BUCKETS - 1);
    }
}
