//! A raw HTTP client: sends exactly the bytes it is given.
