//! Which functions can be called at all.

/// The functions that each function names.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    by_caller: Vec<Vec<u32>>,
}

// === impl Calls ===

impl Calls {
    /// Adds the next function with those it names.
    pub(crate) fn push(&mut self, named: Vec<u32>) {
        self.by_caller.push(named);
    }

    /// Says of each function whether the roots lead to it.
    pub(crate) fn reached_from(&self, roots: &[u32]) -> Vec<bool> {
        let mut reached = vec![false; self.by_caller.len()];
        let mut open = roots.to_vec();
        while let Some(function) = open.pop() {
            let index = function as usize;
            if let Some(is_reached) = reached.get_mut(index)
                && !core::mem::replace(is_reached, true)
            {
                open.extend(self.by_caller.get(index).into_iter().flatten());
            }
        }
        reached
    }
}
