#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| keystile_fuzz::concealment(data));
