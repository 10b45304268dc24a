//! HTTP callouts: offering them, and delivering what comes of them.

use std::sync::{Arc, Mutex, PoisonError};

use crate::abi::callback::Callback;
use crate::callout::{Callout, CalloutAnswer, Progress};
use crate::headers::Headers;
use crate::message::Response;
use crate::vm::Vm;

/// The status of a failed callout (cpp-host `WasmResult::BrokenConnection`).
const BROKEN_CONNECTION: u32 = 11;

/// Answers callouts, for one machine or for all of a proxy.
pub(crate) type Answerer = Arc<Mutex<dyn FnMut(&Callout) -> CalloutAnswer + Send>>;

impl Vm {
    /// Sets who answers callouts. It is asked while the machine settles, in the order the
    /// callouts were made.
    ///
    /// ```no_run
    /// # fn example(vm: &mut proxy_wasm_harness::Vm) {
    /// use proxy_wasm_harness::{CalloutAnswer, Response};
    ///
    /// vm.on_callout(|callout| match callout.path() {
    ///     Some("/check") => Response::new(200).body("yes").into(),
    ///     _ => CalloutAnswer::Reset,
    /// });
    /// # }
    /// ```
    pub fn on_callout(&mut self, answerer: impl FnMut(&Callout) -> CalloutAnswer + Send + 'static) {
        self.set_answerer(Arc::new(Mutex::new(answerer)));
    }

    /// Returns the callouts without an answer, oldest first.
    pub fn pending_callouts(&self) -> Vec<Callout> {
        let callouts = self.instance.state().callouts.values();
        callouts
            .filter(|pending| pending.is_unanswered())
            .map(|pending| pending.callout.clone())
            .collect()
    }

    /// Answers a pending callout and lets everything that is due happen. Returns whether there
    /// was such a callout.
    pub fn answer(&mut self, token: u32, answer: impl Into<CalloutAnswer>) -> bool {
        let known = self.schedule(token, answer.into());
        self.settle();
        known
    }

    /// Asks the answerer again about every pending callout, and lets everything that is due
    /// happen: for a server that holds its answers until something changes.
    pub fn offer_callouts_again(&mut self) {
        for pending in self.instance.state_mut().callouts.values_mut() {
            pending.offer_again();
        }
        self.settle();
    }

    pub(crate) fn set_answerer(&mut self, answerer: Answerer) {
        self.answerer = Some(answerer);
    }

    /// Asks about the oldest callout nobody was asked about; returns whether there was one.
    pub(super) fn offer_callout(&mut self) -> bool {
        let callouts = &mut self.instance.state_mut().callouts;
        let mut pending = callouts.values_mut();
        let fresh = pending.find(|pending| matches!(pending.progress, Progress::Fresh));
        let Some(pending) = fresh else {
            return false;
        };
        pending.progress = Progress::Open;
        let callout = pending.callout.clone();
        if let Some(answerer) = self.answerer.clone() {
            let mut ask = answerer.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = ask(&callout);
            self.schedule(callout.token, answer);
        }
        true
    }

    /// Delivers the answer that is due first; returns whether one was due.
    pub(super) fn deliver_answer(&mut self) -> bool {
        let now = self.shared.lock().now;
        let callouts = &mut self.instance.state_mut().callouts;
        let due = callouts.iter().filter_map(|(token, pending)| {
            let due = pending.due().filter(|due| *due <= now)?;
            Some((due, *token))
        });
        let first = due.min().and_then(|(_, token)| callouts.remove(&token));
        let Some(pending) = first else {
            return false;
        };
        let (root, token) = (pending.root, pending.callout.token);
        self.deliver_response(root, token, pending.response());
        true
    }

    fn schedule(&mut self, token: u32, answer: CalloutAnswer) -> bool {
        let now = self.shared.lock().now;
        let callouts = &mut self.instance.state_mut().callouts;
        let pending = callouts.get_mut(&token);
        let Some(pending) = pending.filter(|pending| pending.is_unanswered()) else {
            return false;
        };
        pending.progress = answer.progress(now);
        true
    }

    /// The response stays readable until what the callback asked for is done.
    fn deliver_response(&mut self, root: u32, token: u32, response: Option<Response>) {
        let [headers, body, trailers] = counts(response.as_ref());
        if let Some(entry) = self.instance.state_mut().roots.get_mut(&root) {
            if response.is_none() {
                entry.status = (BROKEN_CONNECTION, "reset".to_owned());
            }
            entry.call_response = response;
        }
        let arguments = [token, headers, body, trailers];
        self.call(Callback::HttpCallResponse, root, &arguments);
        if let Some(entry) = self.instance.state_mut().roots.get_mut(&root) {
            entry.call_response = None;
            entry.status.1.clear();
        }
    }
}

fn counts(response: Option<&Response>) -> [u32; 3] {
    let counts = response.map_or([0; 3], |response| {
        let trailers = response.trailers.as_ref().map_or(0, Headers::len);
        [response.headers.len(), response.body.len(), trailers]
    });
    counts.map(|count| u32::try_from(count).unwrap_or(u32::MAX))
}
