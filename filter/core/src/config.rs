//! The plugin configuration: where the registry is, and what a route that names no service gets.
//!
//! Everything about services comes from the registry, so that what the portal tells developers is
//! what the gateway does. Nothing here is secret: Envoy prints it in `/config_dump`.

use core::fmt;

use serde::Deserialize;

use crate::table::Bounds;

/// The largest `body.max_bytes`: above it a body is a file, and nobody sends a key in one.
const MAX_BODY_BYTES: u32 = 16 * 1024 * 1024;

/// The plugin configuration, every field optional.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the registry is.
    pub registry: RegistryAddress,
    /// The service of routes and virtual hosts whose metadata name none.
    pub service: Option<String>,
    /// What a route without a service gets.
    pub unmapped: Unmapped,
    /// How the table is filled.
    pub mode: Mode,
    /// How old the registry's last answer may be before nothing is decided by it, in seconds.
    pub max_stale_s: u32,
    /// Whether and how far bodies are read.
    pub body: BodyLimits,
    /// Bounds of the table in [`Mode::OnDemand`].
    pub on_demand: OnDemand,
    /// How often the registry is told what keys are used for, in seconds.
    pub report_s: u32,
    /// Whether Envoy's filter state says who calls, too, for access logs and limits: two calls of the
    /// host for each request.
    pub filter_state: bool,
}

/// Where the registry is, as Envoy knows it; also what tells two registries apart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegistryAddress {
    /// The Envoy cluster.
    pub cluster: String,
    /// The `:authority` of requests to it.
    pub authority: String,
    /// How long a check may take, in milliseconds.
    pub timeout_ms: u32,
}

/// What a route without a service gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unmapped {
    /// A refusal.
    Deny,
    /// The upstream, without the identity headers the client sent.
    Allow,
}

/// How the table is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// With everything the registry knows.
    Replicate,
    /// With what was asked about.
    OnDemand,
}

/// Whether and how far bodies are read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BodyLimits {
    /// Asserts that Envoy loads the filter with `allow_on_headers_stop_iteration: true`; without it
    /// a request that waits for its body waits for ever.
    pub enabled: bool,
    /// The largest body that is searched; larger ones are refused.
    pub max_bytes: u32,
}

/// Bounds of the table in [`Mode::OnDemand`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OnDemand {
    /// How many credentials are held.
    pub max_entries: u32,
    /// How long "unknown" is believed, in seconds.
    pub negative_ttl_s: u32,
}

/// The plugin configuration cannot be used.
#[derive(Debug)]
pub enum InvalidConfig {
    /// Its first byte is not `{`.
    NotJson,
    /// It is no JSON text, or not of this shape.
    Malformed(serde_json::Error),
    /// A number that must not be 0 is; Envoy would take a timeout of 0 for "for ever".
    Zero(&'static str),
    /// `registry.cluster` is empty.
    NoCluster,
    /// `registry.authority` is empty or could not be a header's value.
    BadAuthority,
    /// `body.max_bytes` is beyond any sensible body.
    BodyTooLarge,
}

// === impl Config ===

impl Config {
    /// Parses the plugin configuration.
    pub fn parse(text: &[u8]) -> Result<Self, InvalidConfig> {
        if text.trim_ascii_start().first() != Some(&b'{') {
            return Err(InvalidConfig::NotJson);
        }
        let config: Self = serde_json::from_slice(text).map_err(InvalidConfig::Malformed)?;
        config.validate()
    }

    /// Returns the bounds of the table, if it has any.
    pub fn bounds(&self) -> Option<Bounds> {
        match self.mode {
            Mode::Replicate => None,
            Mode::OnDemand => Some(Bounds {
                max_entries: usize::try_from(self.on_demand.max_entries).unwrap_or(usize::MAX),
                negative_ttl_ms: u64::from(self.on_demand.negative_ttl_s) * 1000,
            }),
        }
    }

    /// Returns `max_stale_s` in milliseconds.
    pub fn max_stale_ms(&self) -> u64 {
        u64::from(self.max_stale_s) * 1000
    }

    /// Returns `report_s` in milliseconds.
    pub fn report_ms(&self) -> u64 {
        u64::from(self.report_s) * 1000
    }

    fn validate(self) -> Result<Self, InvalidConfig> {
        let authority = &self.registry.authority;
        if self.registry.cluster.is_empty() {
            return Err(InvalidConfig::NoCluster);
        }
        if authority.is_empty() || !authority.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidConfig::BadAuthority);
        }
        for (name, number) in self.numbers() {
            if number == 0 {
                return Err(InvalidConfig::Zero(name));
            }
        }
        if self.body.max_bytes > MAX_BODY_BYTES {
            return Err(InvalidConfig::BodyTooLarge);
        }
        Ok(self)
    }

    fn numbers(&self) -> [(&'static str, u32); 6] {
        [
            ("registry.timeout_ms", self.registry.timeout_ms),
            ("max_stale_s", self.max_stale_s),
            ("report_s", self.report_s),
            ("body.max_bytes", self.body.max_bytes),
            ("on_demand.max_entries", self.on_demand.max_entries),
            ("on_demand.negative_ttl_s", self.on_demand.negative_ttl_s),
        ]
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            registry: RegistryAddress::default(),
            service: None,
            unmapped: Unmapped::Deny,
            mode: Mode::Replicate,
            max_stale_s: 3600,
            body: BodyLimits::default(),
            on_demand: OnDemand::default(),
            report_s: 60,
            filter_state: false,
        }
    }
}

// === impl RegistryAddress ===

impl Default for RegistryAddress {
    fn default() -> Self {
        Self {
            cluster: "keystile-registry".to_owned(),
            authority: "keystile-registry".to_owned(),
            timeout_ms: 500,
        }
    }
}

// === impl BodyLimits ===

impl Default for BodyLimits {
    fn default() -> Self {
        Self {
            enabled: false,
            max_bytes: 256 * 1024,
        }
    }
}

// === impl OnDemand ===

impl Default for OnDemand {
    fn default() -> Self {
        Self {
            max_entries: 100_000,
            negative_ttl_s: 5,
        }
    }
}

// === impl InvalidConfig ===

impl fmt::Display for InvalidConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Envoy's documentation of `Struct` says JSON; what arrives is protobuf.
            Self::NotJson => {
                formatter.write_str("configuration: use google.protobuf.StringValue with JSON text")
            }
            Self::Malformed(error) => write!(formatter, "configuration: {error}"),
            Self::Zero(name) => write!(formatter, "configuration: `{name}` must not be 0"),
            Self::NoCluster => {
                formatter.write_str("configuration: `registry.cluster` must not be empty")
            }
            Self::BadAuthority => {
                formatter.write_str("configuration: `registry.authority` must be a host name")
            }
            Self::BodyTooLarge => write!(
                formatter,
                "configuration: `body.max_bytes` must not exceed {MAX_BODY_BYTES}"
            ),
        }
    }
}

impl core::error::Error for InvalidConfig {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Config::parse(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn an_empty_object_is_the_defaults() {
        let config = Config::parse(b" {}").unwrap();
        assert_eq!(config, Config::default());
        assert_eq!(config.unmapped, Unmapped::Deny, "open must be spelled out");
    }

    #[test]
    fn the_documented_configuration_is_the_defaults() {
        let text = r#"{"registry":{"cluster":"keystile-registry","authority":"keystile-registry",
            "timeout_ms":500},"service":null,"unmapped":"deny","mode":"replicate",
            "max_stale_s":3600,"report_s":60,"filter_state":false,"body":{"enabled":false,"max_bytes":262144},
            "on_demand":{"max_entries":100000,"negative_ttl_s":5}}"#;
        assert_eq!(Config::parse(text.as_bytes()).unwrap(), Config::default());
    }

    #[test]
    fn a_table_is_bounded_on_demand_only() {
        assert_eq!(Config::default().bounds(), None);
        let text = br#"{"mode":"on_demand","on_demand":{"max_entries":7,"negative_ttl_s":2}}"#;
        let bounds = Bounds {
            max_entries: 7,
            negative_ttl_ms: 2_000,
        };
        assert_eq!(Config::parse(text).unwrap().bounds(), Some(bounds));
    }

    #[test]
    fn an_unknown_field_is_refused_by_its_name() {
        for text in [r#"{"unmaped":"allow"}"#, r#"{"body":{"unmaped":1}}"#] {
            assert!(refusal(text).contains("`unmaped`"), "{}", refusal(text));
        }
    }

    #[test]
    fn protobuf_bytes_are_told_what_to_use() {
        for text in ["", "\n\u{10}\n\u{4}mode", "[]"] {
            assert!(refusal(text).contains("google.protobuf.StringValue"));
        }
    }

    #[test]
    fn a_value_nothing_could_work_with_is_refused_by_its_name() {
        for (text, name) in [
            (r#"{"registry":{"timeout_ms":0}}"#, "registry.timeout_ms"),
            (r#"{"registry":{"cluster":""}}"#, "registry.cluster"),
            (r#"{"registry":{"authority":"a b"}}"#, "registry.authority"),
            (r#"{"max_stale_s":0}"#, "max_stale_s"),
            (r#"{"report_s":0}"#, "report_s"),
            (
                r#"{"on_demand":{"max_entries":0}}"#,
                "on_demand.max_entries",
            ),
            (r#"{"body":{"max_bytes":16777217}}"#, "body.max_bytes"),
        ] {
            assert!(refusal(text).contains(name), "{}", refusal(text));
        }
    }
}
