//! What the operating system says a process has used.

use std::fs;
use std::io;
use std::time::Duration;

/// Returns the processor time of all threads of a process, in nanoseconds' precision: Linux's
/// `/proc/PID/stat` counts in hundredths of a second, the scheduler's own figures do not.
pub(crate) fn processor_time(process: u32) -> io::Result<Duration> {
    let mut total = Duration::ZERO;
    for task in fs::read_dir(format!("/proc/{process}/task"))? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        let nanoseconds = text.split_ascii_whitespace().next();
        let nanoseconds = nanoseconds.and_then(|text| text.parse().ok());
        total += Duration::from_nanos(nanoseconds.unwrap_or_default());
    }
    Ok(total)
}

/// Returns how much memory of a process is in use, in bytes.
pub(crate) fn resident_bytes(process: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .ok_or(io::ErrorKind::InvalidData)?;
    let kilobytes = line.trim().trim_end_matches(" kB").parse::<u64>();
    Ok(kilobytes.map_err(|_| io::ErrorKind::InvalidData)? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_shows_in_a_process_and_so_does_memory() {
        let me = std::process::id();
        let before = processor_time(me).unwrap();
        while processor_time(me).unwrap() == before {
            std::hint::black_box(vec![1_u8; 4096]);
        }
        assert!(resident_bytes(me).unwrap() > 1024 * 1024);
    }
}
