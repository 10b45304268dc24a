//! A [`Declaration`] that becomes a file.

use std::str::FromStr;

use crate::declaration::Declaration;

/// How a declaration is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Yaml,
    /// For programs.
    Json,
}

/// Why a declaration cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// As YAML.
    #[error("cannot write YAML: {0}")]
    Yaml(String),
    /// As JSON.
    #[error("cannot write JSON")]
    Json(#[from] serde_json::Error),
}

// === impl Declaration ===

impl Declaration {
    /// Writes it down.
    pub fn write(&self, format: Format) -> Result<String, WriteError> {
        match format {
            Format::Yaml => {
                let said = serde_saphyr::to_string(self);
                said.map_err(|error| WriteError::Yaml(error.to_string()))
            }
            Format::Json => Ok(serde_json::to_string_pretty(self)? + "\n"),
        }
    }
}

// === impl Format ===

impl FromStr for Format {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "yaml" => Ok(Self::Yaml),
            "json" => Ok(Self::Json),
            _ => Err("must be yaml or json"),
        }
    }
}
