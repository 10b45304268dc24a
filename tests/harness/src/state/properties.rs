//! What `get_property` answers: what a test set, what the filter set, and what is built in.

use crate::state::State;
use crate::stream::Side;

impl State {
    /// Returns a property: of the exchange, of the plugin, or set by the filter.
    pub(crate) fn property(&self, path: &[u8]) -> Option<Vec<u8>> {
        let stream = self.stream();
        stream
            .and_then(|stream| stream.property(path))
            .or_else(|| self.settings.properties.get(path))
            .cloned()
            .or_else(|| self.built_in_property(path))
    }

    fn built_in_property(&self, path: &[u8]) -> Option<Vec<u8>> {
        let settings = &self.settings;
        match path {
            b"plugin_name" => Some(settings.name.clone().into_bytes()),
            b"plugin_root_id" => Some(settings.root_id.clone().into_bytes()),
            b"plugin_vm_id" => Some(settings.vm_id.clone().into_bytes()),
            b"request\0url_path" => self.path_parts().next(),
            b"request\0query" => self.path_parts().nth(1),
            b"request\0path" => self.request_header(":path"),
            b"request\0method" => self.request_header(":method"),
            b"request\0host" => self.request_header(":authority"),
            b"request\0scheme" => self.request_header(":scheme"),
            b"response\0code" => self.response_code(),
            _ => {
                let of_request = path.strip_prefix(b"request\0headers\0");
                let of_response = path.strip_prefix(b"response\0headers\0");
                let name = std::str::from_utf8(of_request.or(of_response)?).ok()?;
                let side = match of_request {
                    Some(_) => Side::Request,
                    None => Side::Response,
                };
                Some(self.stream_headers(side)?.get(name)?.to_vec())
            }
        }
    }

    /// Request properties come from the header map: once that went on they are not found, the
    /// response's callbacks included (tried on Envoy 1.40).
    fn request_header(&self, name: &str) -> Option<Vec<u8>> {
        let value = self.stream_headers(Side::Request)?.get(name)?;
        Some(value.to_vec())
    }

    /// Returns the path before the first `?`, and what follows it.
    fn path_parts(&self) -> impl Iterator<Item = Vec<u8>> {
        let path = self.request_header(":path");
        let parts = path
            .iter()
            .flat_map(|path| path.splitn(2, |byte| *byte == b'?'));
        parts.map(<[u8]>::to_vec).collect::<Vec<_>>().into_iter()
    }

    fn response_code(&self) -> Option<Vec<u8>> {
        let response = self.stream()?.response.as_ref()?;
        let code: u64 = response.headers.text(":status")?.parse().ok()?;
        Some(code.to_le_bytes().to_vec())
    }
}
