//! Foreign functions a test brings.

use std::fmt;
use std::sync::Arc;

use crate::abi::status::Status;

/// A function a filter may call by name.
#[derive(Clone)]
pub(crate) struct ForeignFunction(Arc<Body>);

type Body = dyn Fn(&[u8]) -> Result<Vec<u8>, Status> + Send + Sync;

impl ForeignFunction {
    pub(crate) fn new(
        function: impl Fn(&[u8]) -> Result<Vec<u8>, Status> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(function))
    }

    pub(crate) fn call(&self, arguments: &[u8]) -> Result<Vec<u8>, Status> {
        (self.0)(arguments)
    }
}

impl fmt::Debug for ForeignFunction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ForeignFunction(..)")
    }
}
