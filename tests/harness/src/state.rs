//! What a virtual machine's host side remembers; the data of the wasmtime store.

mod properties;

use std::collections::{BTreeMap, VecDeque};

use wasmtime::{Memory, StoreLimits, TypedFunc};

use crate::abi::kind::MapKind;
use crate::abi::status::Status;
use crate::callout::PendingCallout;
use crate::fault::Faults;
use crate::grpc::{OpenStream, PendingCall};
use crate::headers::Headers;
use crate::log::LogLine;
use crate::message::Response;
use crate::plugin::{Recording, Settings};
use crate::random::Sequence;
use crate::shared::Shared;
use crate::shared::metrics::MetricKind;
use crate::stream::local_reply::LocalReply;
use crate::stream::{Side, Stream};

/// The host side of one virtual machine.
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) shared: Shared,
    /// This machine's number among those that share the store.
    pub(crate) vm: u64,
    pub(crate) guest: Option<Guest>,
    pub(crate) limits: StoreLimits,
    /// The context whose callback runs; 0 while none does.
    pub(crate) current: u32,
    /// The context host calls act on instead; reset at each callback.
    pub(crate) effective: u32,
    pub(crate) roots: BTreeMap<u32, Root>,
    pub(crate) streams: BTreeMap<u32, Stream>,
    pub(crate) next_context: u32,
    /// What waits for the running callback to return.
    pub(crate) deferred: VecDeque<Action>,
    /// A local response was sent in this callback: whatever it returns means "stop".
    pub(crate) stop_iteration: bool,
    pub(crate) callouts: BTreeMap<u32, PendingCallout>,
    pub(crate) next_callout: u32,
    pub(crate) grpc_calls: BTreeMap<u32, PendingCall>,
    pub(crate) next_grpc_call: u32,
    pub(crate) grpc_streams: BTreeMap<u32, OpenStream>,
    pub(crate) next_grpc_stream: u32,
    pub(crate) metrics: BTreeMap<u32, (MetricKind, String)>,
    pub(crate) call_data: Vec<u8>,
    /// The plugin configuration, while `on_configure` runs.
    pub(crate) configuring: Option<Vec<u8>>,
    pub(crate) random: Sequence,
    pub(crate) logs: Vec<LogLine>,
    pub(crate) faults: Faults,
    /// The allocator trapped inside a host call: the machine has failed.
    pub(crate) broken: Option<String>,
}

/// What the host needs to write into the module.
#[derive(Clone)]
pub(crate) struct Guest {
    pub(crate) memory: Memory,
    pub(crate) allocate: TypedFunc<u32, u32>,
}

/// A root context: one plugin in the machine.
#[derive(Debug, Default)]
pub(crate) struct Root {
    pub(crate) tick: Option<Tick>,
    /// The callout response being delivered.
    pub(crate) call_response: Option<Response>,
    /// The status of the last failed call and, while it is told, its message.
    pub(crate) status: (u32, String),
    pub(crate) grpc_message: Vec<u8>,
    pub(crate) grpc_initial_metadata: Option<Headers>,
    pub(crate) grpc_trailing_metadata: Option<Headers>,
    /// It was asked to end and has work left.
    pub(crate) ending: bool,
}

/// A running timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tick {
    pub(crate) period: u64,
    pub(crate) due: u64,
}

/// What a host call asked for, done after the callback returns, as in cpp-host's
/// `DeferAfterCallActions`.
#[derive(Debug)]
pub(crate) enum Action {
    Continue(u32, Side),
    Reset(u32),
    Reply(u32, LocalReply),
    DeleteRoot(u32),
}

impl State {
    pub(crate) fn new(settings: Settings, shared: Shared) -> Self {
        let vm = shared.next_vm();
        let limits = wasmtime::StoreLimitsBuilder::new()
            .memory_size(settings.memory_limit)
            .build();
        let mut faults = match settings.recording {
            Recording::On => Faults::recording(),
            Recording::Off => Faults::default(),
        };
        for (call, status) in &settings.faults {
            faults.always(*call, *status);
        }
        Self {
            settings,
            shared,
            vm,
            guest: None,
            limits,
            current: 0,
            effective: 0,
            roots: BTreeMap::new(),
            streams: BTreeMap::new(),
            next_context: 1,
            deferred: VecDeque::new(),
            stop_iteration: false,
            callouts: BTreeMap::new(),
            next_callout: 0,
            grpc_calls: BTreeMap::new(),
            next_grpc_call: 1,
            grpc_streams: BTreeMap::new(),
            next_grpc_stream: 2,
            metrics: BTreeMap::new(),
            call_data: Vec::new(),
            configuring: None,
            random: Sequence::default(),
            logs: Vec::new(),
            faults,
            broken: None,
        }
    }

    /// Returns a context id that was never used.
    pub(crate) fn allocate_context(&mut self) -> u32 {
        let context = self.next_context;
        self.next_context += 1;
        context
    }

    /// Returns the context a host call acts on.
    ///
    /// An effective context that is gone means the running one, as in cpp-host's
    /// `contextOrEffectiveContext`.
    pub(crate) fn context(&self) -> u32 {
        if self.effective != 0 && self.has_context(self.effective) {
            self.effective
        } else {
            self.current
        }
    }

    pub(crate) fn has_context(&self, context: u32) -> bool {
        context == 0 || self.roots.contains_key(&context) || self.streams.contains_key(&context)
    }

    /// Returns the stream a host call acts on, if it acts on one.
    pub(crate) fn stream(&self) -> Option<&Stream> {
        self.streams.get(&self.context())
    }

    pub(crate) fn stream_mut(&mut self) -> Option<&mut Stream> {
        let context = self.context();
        self.streams.get_mut(&context)
    }

    /// Returns the id of the root context behind the acting one.
    pub(crate) fn root_id(&self) -> u32 {
        let context = self.context();
        self.streams
            .get(&context)
            .map_or(context, |stream| stream.root)
    }

    pub(crate) fn root_mut(&mut self) -> Option<&mut Root> {
        let root = self.root_id();
        self.roots.get_mut(&root)
    }

    pub(crate) fn root(&self) -> Option<&Root> {
        self.roots.get(&self.root_id())
    }

    pub(crate) fn now(&self) -> u64 {
        self.shared.lock().now
    }

    /// Returns the map of the acting context, if the filter may read it now.
    pub(crate) fn readable_map(&self, kind: MapKind) -> Option<&Headers> {
        let call = || self.root()?.call_response.as_ref();
        match kind {
            MapKind::CallResponseHeaders => Some(&call()?.headers),
            MapKind::CallResponseTrailers => call()?.trailers.as_ref(),
            MapKind::GrpcInitialMetadata => self.root()?.grpc_initial_metadata.as_ref(),
            MapKind::GrpcTrailingMetadata => self.root()?.grpc_trailing_metadata.as_ref(),
            MapKind::RequestHeaders => self.stream_headers(Side::Request),
            MapKind::ResponseHeaders => self.stream_headers(Side::Response),
            MapKind::RequestTrailers => self.stream_trailers(Side::Request),
            MapKind::ResponseTrailers => self.stream_trailers(Side::Response),
        }
    }

    /// Returns the map of the acting context, if the filter may change it now.
    pub(crate) fn writable_map(&mut self, kind: MapKind) -> Result<&mut Headers, Status> {
        let stream = self.stream_mut().ok_or(Status::BadArgument)?;
        let map = match kind {
            MapKind::RequestHeaders if stream.request.headers_visible => {
                stream.route_cache_clears += 1;
                Some(&mut stream.request.headers)
            }
            MapKind::RequestTrailers if stream.request.trailers_visible => {
                stream.request.trailers.as_mut()
            }
            MapKind::ResponseHeaders => stream
                .response
                .as_mut()
                .filter(|half| half.headers_visible)
                .map(|half| &mut half.headers),
            MapKind::ResponseTrailers => stream
                .response
                .as_mut()
                .filter(|half| half.trailers_visible)
                .and_then(|half| half.trailers.as_mut()),
            _ => None,
        };
        map.ok_or(Status::BadArgument)
    }

    fn stream_headers(&self, side: Side) -> Option<&Headers> {
        let stream = self.stream()?;
        let half = stream.half(side)?;
        (half.headers_visible || stream.log_phase).then_some(&half.headers)
    }

    fn stream_trailers(&self, side: Side) -> Option<&Headers> {
        let stream = self.stream()?;
        let half = stream.half(side)?;
        let visible = half.trailers_visible || (stream.log_phase && side == Side::Response);
        half.trailers.as_ref().filter(|_| visible)
    }
}
