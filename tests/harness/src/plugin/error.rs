//! Why a virtual machine did not start.

/// Why a virtual machine did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The module cannot be instantiated.
    #[error("the module does not start: {0}")]
    Instantiate(String),
    /// `on_vm_start` returned false.
    #[error("`on_vm_start` refused{}", logged(.logs))]
    VmStartRefused {
        /// What the filter logged until then.
        logs: Vec<String>,
    },
    /// `on_configure` returned false: Envoy refuses such a configuration.
    #[error("`on_configure` refused{}", logged(.logs))]
    ConfigurationRefused {
        /// What the filter logged until then.
        logs: Vec<String>,
    },
    /// A callback trapped.
    #[error("`{callback}` trapped: {reason}{}", logged(.logs))]
    Trapped {
        /// The export that was called.
        callback: &'static str,
        /// What WebAssembly says about it.
        reason: String,
        /// What the filter logged until then; an SDK logs a panic's message.
        logs: Vec<String>,
    },
}

fn logged(logs: &[String]) -> String {
    if logs.is_empty() {
        return String::new();
    }
    format!("; it logged `{}`", logs.join("`, `"))
}
