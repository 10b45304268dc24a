//! Reading and writing a module's memory from a host call.

use wasmtime::{AsContext, AsContextMut, Caller};

use crate::abi::call::HostCall;
use crate::abi::pairs;
use crate::abi::status::Status;
use crate::fault::RecordedCall;
use crate::headers::Headers;
use crate::state::{Guest, State};

/// A host call in progress.
pub(crate) struct Call<'a, 'b> {
    caller: &'a mut Caller<'b, State>,
}

/// What a host call's body returns.
pub(crate) type Done = Result<(), Status>;

/// Runs a host call, unless a test planned a failure for it.
pub(crate) fn host_call(
    caller: &mut Caller<'_, State>,
    call: HostCall,
    body: impl FnOnce(&mut Call<'_, '_>) -> Done,
) -> i32 {
    let context = caller.data().context();
    let state = caller.data_mut();
    let is_allowed = state.settings.allows(call.import());
    let status = match state.faults.on_call(call) {
        Some(status) => status,
        None if !is_allowed => Status::InternalFailure,
        None => body(&mut Call::new(caller)).err().unwrap_or(Status::Ok),
    };
    let recorded = RecordedCall {
        context,
        call,
        status,
    };
    caller.data_mut().faults.record(recorded);
    status as i32
}

// === impl Call ===

impl<'a, 'b> Call<'a, 'b> {
    pub(crate) fn new(caller: &'a mut Caller<'b, State>) -> Self {
        Self { caller }
    }
}

impl Call<'_, '_> {
    pub(crate) fn state(&self) -> &State {
        self.caller.data()
    }

    pub(crate) fn state_mut(&mut self) -> &mut State {
        self.caller.data_mut()
    }

    /// Copies bytes out of the module.
    pub(crate) fn read(&self, (start, length): (u32, u32)) -> Result<Vec<u8>, Status> {
        let guest = self.guest()?;
        let memory = guest.memory.data(self.caller.as_context());
        let start = start as usize;
        let end = start
            .checked_add(length as usize)
            .ok_or(Status::InvalidMemoryAccess)?;
        let bytes = memory.get(start..end).ok_or(Status::InvalidMemoryAccess)?;
        Ok(bytes.to_vec())
    }

    /// Copies text out of the module; what is not UTF-8 is replaced.
    pub(crate) fn read_text(&self, place: (u32, u32)) -> Result<String, Status> {
        Ok(String::from_utf8_lossy(&self.read(place)?).into_owned())
    }

    /// Copies a list of pairs out of the module.
    pub(crate) fn read_pairs(&self, place: (u32, u32)) -> Result<Headers, Status> {
        Ok(pairs::decode(&self.read(place)?))
    }

    pub(crate) fn write(&mut self, start: u32, bytes: &[u8]) -> Done {
        let guest = self.guest()?;
        let context = self.caller.as_context_mut();
        guest
            .memory
            .write(context, start as usize, bytes)
            .map_err(|_| Status::InvalidMemoryAccess)
    }

    pub(crate) fn write_u32(&mut self, start: u32, value: u32) -> Done {
        self.write(start, &value.to_le_bytes())
    }

    pub(crate) fn write_u64(&mut self, start: u32, value: u64) -> Done {
        self.write(start, &value.to_le_bytes())
    }

    /// Hands bytes to the module in memory it allocates; nothing is a null pointer.
    pub(crate) fn give(&mut self, bytes: &[u8], (pointer, size): (u32, u32)) -> Done {
        let start = if bytes.is_empty() {
            0
        } else {
            let start = self.allocate(bytes.len())?;
            self.write(start, bytes)?;
            start
        };
        self.write_u32(pointer, start)?;
        self.write_u32(size, u32::try_from(bytes.len()).unwrap_or(u32::MAX))
    }

    /// Hands a list of pairs to the module.
    pub(crate) fn give_pairs(&mut self, headers: Option<&Headers>, place: (u32, u32)) -> Done {
        match headers.filter(|headers| !headers.is_empty()) {
            Some(headers) => self.give(&pairs::encode(headers), place),
            None => self.give(&[], place),
        }
    }

    fn guest(&self) -> Result<Guest, Status> {
        let guest = self.caller.data().guest.clone();
        guest.ok_or(Status::InvalidMemoryAccess)
    }

    fn allocate(&mut self, size: usize) -> Result<u32, Status> {
        let allocate = self.guest()?.allocate;
        let size = u32::try_from(size).map_err(|_| Status::InvalidMemoryAccess)?;
        let state = self.caller.data_mut();
        // Allocating is a call into the module of its own, with a context of its own.
        let (current, effective) = (state.current, state.effective);
        (state.current, state.effective) = (0, 0);
        let start = allocate.call(self.caller.as_context_mut(), size);
        let state = self.caller.data_mut();
        (state.current, state.effective) = (current, effective);
        match start {
            Ok(0) => Err(Status::InvalidMemoryAccess),
            Ok(start) => Ok(start),
            Err(error) => {
                state.broken = Some(format!("{:#}", error.root_cause()));
                Err(Status::InvalidMemoryAccess)
            }
        }
    }
}
