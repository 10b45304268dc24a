//! Shared data with compare-and-swap, as proxy-wasm-cpp-host keeps it.

use std::collections::BTreeMap;

use crate::abi::status::Status;

/// Values by virtual machine id and key, each with the number of its last change.
#[derive(Debug, Default)]
pub(crate) struct SharedData {
    values: BTreeMap<(String, Vec<u8>), (Vec<u8>, u32)>,
    changes: u32,
}

impl SharedData {
    /// Returns a value and the number of its last change.
    pub(crate) fn read(&self, vm_id: &str, key: &[u8]) -> Result<(Vec<u8>, u32), Status> {
        let entry = self.values.get(&(vm_id.to_owned(), key.to_vec()));
        entry.cloned().ok_or(Status::NotFound)
    }

    /// Stores a value; a number other than 0 beside it must be that of the last change.
    ///
    /// An absent key takes any number, as in cpp-host `shared_data.cc`.
    pub(crate) fn write(
        &mut self,
        vm_id: &str,
        key: &[u8],
        (value, cas): (Vec<u8>, u32),
    ) -> Result<(), Status> {
        let place = (vm_id.to_owned(), key.to_vec());
        let current = self.values.get(&place).map(|(_, number)| *number);
        if cas != 0 && current.is_some_and(|number| number != cas) {
            return Err(Status::CasMismatch);
        }
        // Numbers start at 1; 0 means "whatever it is".
        self.changes = self.changes.checked_add(1).unwrap_or(1);
        self.values.insert(place, (value, self.changes));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_number_is_refused() {
        let mut data = SharedData::default();
        data.write("vm", b"key", (b"one".to_vec(), 0)).unwrap();
        data.write("vm", b"key", (b"two".to_vec(), 1)).unwrap();
        let refused = data.write("vm", b"key", (b"three".to_vec(), 1));
        assert_eq!(refused, Err(Status::CasMismatch));
        assert_eq!(data.read("vm", b"key"), Ok((b"two".to_vec(), 2)));
    }

    #[test]
    fn another_vm_id_sees_nothing() {
        let mut data = SharedData::default();
        data.write("vm", b"key", (b"one".to_vec(), 0)).unwrap();
        assert_eq!(data.read("other", b"key"), Err(Status::NotFound));
    }

    #[test]
    fn an_absent_key_takes_any_number() {
        let mut data = SharedData::default();
        assert_eq!(data.write("vm", b"key", (b"one".to_vec(), 7)), Ok(()));
    }
}
