//! Makes requests that could be a client's, and requests that could be an attacker's.

use super::laws::Request;

/// What stands for a key, and nowhere else.
pub(super) const SECRET: &str = "S3CRET";

const BOUNDARY: &str = "B-B";

/// Names a key has under test, escaped and not, and names it has not.
const NAMES: [&str; 8] = ["a", "b", "k", "k", "l_m", "K", "l-m", "kk"];

/// What broken requests are broken with.
const SHARDS: [&str; 16] = [
    "\"", "\\", "{", "}", "[", ",", ":", "&", "=", "%", "\r\n", "\n", "--B-B", "--", "\0", "k",
];

/// Marsaglia's xorshift: the same requests on every machine.
pub(super) struct Generator(u64);

impl Generator {
    pub(super) fn new(seed: u64) -> Self {
        let mut generator = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        generator.below(1);
        generator
    }

    /// Makes a request that can be read, the secret under the names of keys only.
    pub(super) fn clear_request(&mut self) -> Request {
        let (content_type, body) = match self.below(4) {
            0 => ("application/x-www-form-urlencoded".to_owned(), self.pairs()),
            1 => ("application/json".to_owned(), self.json_object()),
            2 => (
                format!("multipart/form-data; boundary={BOUNDARY}"),
                self.multipart(),
            ),
            _ => ("text/plain".to_owned(), "text".to_owned()),
        };
        let mut headers = vec![("content-type".to_owned(), content_type.into_bytes())];
        if self.below(8) == 0 {
            let name = self.pick(&["k", "l_m", "l-m"]);
            headers.push((name.to_owned(), SECRET.into()));
        }
        let query = match self.below(3) {
            0 => format!("?{}", self.pairs()),
            _ => String::new(),
        };
        Request {
            path: format!("/p{query}").into_bytes(),
            headers,
            body: body.into_bytes(),
        }
    }

    /// Makes a request that was readable before something was put in, left out or cut off.
    pub(super) fn broken_request(&mut self) -> Request {
        let mut request = self.clear_request();
        for _ in 0..=self.below(3) {
            request.body = self.broken(&request.body);
            request.path = self.broken(&request.path);
        }
        request
    }

    fn broken(&mut self, bytes: &[u8]) -> Vec<u8> {
        let from = self.below(bytes.len() + 1);
        let (before, after) = bytes.split_at(from);
        match self.below(3) {
            0 => before.to_vec(),
            1 => [before, after.get(1..).unwrap_or_default()].concat(),
            _ => [before, self.pick(&SHARDS).as_bytes(), after].concat(),
        }
    }

    fn pairs(&mut self) -> String {
        let pairs: Vec<String> = (0..self.below(5)).map(|_| self.pair()).collect();
        pairs.join("&")
    }

    fn pair(&mut self) -> String {
        let name = self.pick(&NAMES);
        let written = match (name, self.below(3)) {
            ("k", 0) => "%6b",
            ("l_m", 0) => "l%5Fm",
            _ => name,
        };
        match self.below(5) {
            0 => written.to_owned(),
            1 => format!("{written}="),
            _ => format!("{written}={}", self.value(name, &["1+2", "%zz", "a=b", ""])),
        }
    }

    fn json_object(&mut self) -> String {
        let members: Vec<String> = (0..self.below(5)).map(|_| self.json_member()).collect();
        let space = self.pick(&["", " ", "\n  "]);
        format!("{{{space}{}{space}}}", members.join(&format!(",{space}")))
    }

    fn json_member(&mut self) -> String {
        let name = self.pick(&NAMES);
        let written = match (name, self.below(3)) {
            ("k", 0) => "\\u006b",
            ("l_m", 0) => "l\\u005Fm",
            _ => name,
        };
        let value = match self.below(4) {
            0 => self.pick(&["1e5", "null", "[]", "{}"]).to_owned(),
            1 => format!("[{{\"k\":[1,\"}}\"]}},{}]", self.below(100)),
            _ => format!("\"{}\"", self.value(name, &["\\\"", "a/b\\u00e9", ""])),
        };
        let space = self.pick(&["", " "]);
        format!("\"{written}\"{space}:{space}{value}")
    }

    fn multipart(&mut self) -> String {
        let preamble = self.pick(&["", "preamble\r\n", "\r\n"]).to_owned();
        let parts: Vec<String> = (0..self.below(4)).map(|_| self.part()).collect();
        let end = self.pick(&["", "\r\n", "\r\nepilogue"]);
        format!("{preamble}{}--{BOUNDARY}--{end}", parts.concat())
    }

    fn part(&mut self) -> String {
        let name = self.pick(&NAMES);
        let parameters = self.pick(&["", "; x=1", "; filename=\"f\""]);
        let header = self.pick(&["", "Content-Type: text/plain\r\n"]);
        let value = self.value(name, &["", "\r\n", "--B\r\nx", "\n\n"]);
        format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{parameters}\r\n\
             {header}\r\n{value}\r\n"
        )
    }

    fn value(&mut self, name: &str, harmless: &[&'static str]) -> &'static str {
        match name {
            "k" | "l_m" => SECRET,
            _ => self.pick(harmless),
        }
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}
