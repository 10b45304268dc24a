//! Who goes first where there are fewer cores than there is to do: gateways, then people, and last the
//! hashing of passwords.

/// How much later than gateways people get their turn: a third of the time on a core that both want.
pub(crate) const PEOPLE: u8 = 5;

/// The same for passwords: a tenth of the time.
pub(crate) const PASSWORDS: u8 = 10;

/// How late a thread gets its turn (`sched(7)`, "The nice value").
///
/// Only Linux has one for each thread; elsewhere it would be that of the whole process, and nobody gives
/// way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Niceness(#[cfg(target_os = "linux")] Option<i32>);

// === impl Niceness ===

#[cfg(target_os = "linux")]
impl Niceness {
    /// Returns that of a thread which lets the calling one go first.
    pub(crate) fn after_caller(by: u8) -> Self {
        let own = rustix::process::getpriority_process(None).ok();
        Self(own.map(|own| own + i32::from(by)))
    }

    /// Gives it to the calling thread. Whatever that one begins has it as well.
    pub(crate) fn take(self) {
        let Some(niceness) = self.0 else {
            return;
        };
        if let Err(error) = rustix::process::setpriority_process(None, niceness) {
            tracing::warn!(%error, "a thread runs as if it were urgent");
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Niceness {
    /// Returns that of any thread.
    pub(crate) fn after_caller(_by: u8) -> Self {
        Self()
    }

    /// Changes nothing.
    pub(crate) fn take(self) {}
}
