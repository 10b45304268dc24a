//! What Envoy reads, written into a folder of its own.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{EnvoyConfig, Listeners};
use crate::error::StageError;

/// Where listeners are read from if they may change ([`EnvoyConfig::with_changing_listeners`]).
const LISTENERS: &str = "listeners.json";

// === impl EnvoyConfig ===

impl EnvoyConfig {
    /// Writes all files into a folder.
    pub(in super::super) fn write(&self, folder: &Path) -> Result<(), StageError> {
        for (file, text) in &self.files {
            write(&folder.join(file), &in_folder(text, folder))?;
        }
        let mut root = self.root.clone();
        if self.listeners == Listeners::Changing {
            self.write_listeners(folder)?;
            let file = folder.join(LISTENERS).to_string_lossy().into_owned();
            let source = json!({"lds_config": {"path_config_source": {"path": file}}});
            if let Some(members) = root.as_object_mut() {
                members.insert("dynamic_resources".to_owned(), source);
            }
            if let Some(listeners) = root.pointer_mut("/static_resources/listeners") {
                *listeners = json!([]);
            }
        }
        write(&folder.join("envoy.json"), &self.in_place(&root, folder))
    }

    /// Replaces the file of changing listeners; Envoy notices that another file is there.
    pub(in super::super) fn write_listeners(&self, folder: &Path) -> Result<(), StageError> {
        let listeners = self.root.pointer("/static_resources/listeners");
        let mut listeners = listeners.cloned().unwrap_or_default();
        let each = listeners.as_array_mut().into_iter().flatten();
        for members in each.filter_map(Value::as_object_mut) {
            let kind = "type.googleapis.com/envoy.config.listener.v3.Listener";
            members.insert("@type".to_owned(), json!(kind));
        }
        let file = folder.join("listeners.next");
        write(
            &file,
            &self.in_place(&json!({"resources": listeners}), folder),
        )?;
        fs::rename(&file, folder.join(LISTENERS)).map_err(StageError::io("cannot replace a file"))
    }

    /// Names the files that are there instead of those the shipped configuration names.
    fn in_place(&self, value: &Value, folder: &Path) -> String {
        let filter = self.filter.to_string_lossy();
        let text = value.to_string();
        in_folder(
            &text.replace("/etc/keystile/keystile_filter.wasm", &filter),
            folder,
        )
    }
}

/// Names a folder instead of the one the shipped configuration names.
fn in_folder(text: &str, folder: &Path) -> String {
    text.replace("/etc/keystile", &folder.to_string_lossy())
}

/// JSON is YAML.
fn write(file: &Path, text: &str) -> Result<(), StageError> {
    fs::write(file, text).map_err(StageError::io("cannot write"))
}
