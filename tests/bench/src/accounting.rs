//! What the operating system says a process has used.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// A thread, where the scheduler keeps its account.
#[derive(Debug)]
pub(crate) struct Thread(PathBuf);

/// What the scheduler has given a thread and kept from it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Account {
    /// How long it has run.
    pub(crate) ran: Duration,
    /// How long it was ready to run and had no core.
    pub(crate) waited: Duration,
}

// === impl Thread ===

impl Thread {
    /// Finds a thread of a process by the name it has given itself.
    pub(crate) fn find(process: u32, name: &str) -> io::Result<Self> {
        for task in fs::read_dir(format!("/proc/{process}/task"))? {
            let folder = task?.path();
            if fs::read_to_string(folder.join("comm"))?.trim_end() == name {
                return Ok(Self(folder.join("schedstat")));
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }

    /// Returns its account. Of a thread that is running now, what it has run since the clock's last
    /// tick may be missing.
    pub(crate) fn account(&self) -> io::Result<Account> {
        let text = fs::read_to_string(&self.0)?;
        let mut figures = text.split_ascii_whitespace().map(str::parse);
        let mut next = || match figures.next() {
            Some(Ok(nanoseconds)) => Ok(Duration::from_nanos(nanoseconds)),
            _ => Err(io::ErrorKind::InvalidData),
        };
        Ok(Account {
            ran: next()?,
            waited: next()?,
        })
    }
}

// === impl Account ===

impl Account {
    /// Returns what has come to it since an earlier one.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            ran: self.ran.saturating_sub(earlier.ran),
            waited: self.waited.saturating_sub(earlier.waited),
        }
    }
}

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
    fn work_shows_in_a_threads_account() {
        let busy = std::thread::Builder::new().name("busy".to_owned());
        let work = || {
            let me = Thread::find(std::process::id(), "busy").unwrap();
            let before = me.account().unwrap();
            while me.account().unwrap().since(before).ran == Duration::ZERO {
                std::hint::black_box(vec![1_u8; 4096]);
            }
        };
        busy.spawn(work).unwrap().join().unwrap();
        assert!(Thread::find(std::process::id(), "nobody").is_err());
    }

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
