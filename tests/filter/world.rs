//! A virtual machine with the filter, the registry it follows, and what is in it.

mod catalogue;

use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use cases::resident::{Reading, Resident};
use cases::uplink::{SERVICE_PROPERTY, START, Uplink, clock_at, timestamp};
use keystile_protocol::state::{Cursor, Entry, Page};
use keystile_protocol::wire;
use keystile_registry::domain::timestamp::Timestamp;
use keystile_registry::storage::{Deed, Storage, Write, service};
use proxy_wasm_harness::{
    Callout, CalloutAnswer, Exchange, Health, Module, Outcome, Plugin, Response, Shared, Vm,
};
use stage::places;
use tokio::runtime::{Builder, Runtime};

pub(crate) use catalogue::{ADA, BOB, Catalogue, INVOICES, ORDERS, SPARE};

/// Compiling it takes longer than any scenario, so what one test's process compiled the others use.
static MODULE: LazyLock<Module> = LazyLock::new(|| {
    let folder = places::target().join("compiled-filters");
    Module::load_cached(places::filter().unwrap(), folder).expect("the filter compiles")
});

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
});

/// The longest pause between two tries to reach a registry, and a tick.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_millis(5_200);

/// Says something else than the registry to some of what the filter asks.
type Liar = Box<dyn FnMut(&Callout) -> Option<CalloutAnswer> + Send>;

/// A virtual machine with the filter, and the registry it follows.
pub(crate) struct World {
    pub(crate) vm: Vm,
    pub(crate) registry: Arc<Resident>,
    pub(crate) catalogue: Catalogue,
    pub(crate) uplink: Uplink,
    liar: Arc<Mutex<Option<Liar>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

// === impl World ===

impl World {
    /// Starts a machine that knows everything there is to know.
    pub(crate) fn complete() -> Self {
        Self::configured("{}")
    }

    /// Starts a machine with this plugin configuration that knows everything there is to know.
    pub(crate) fn configured(configuration: &str) -> Self {
        let mut world = Self::unsettled(configuration);
        world.connect();
        world.vm.advance(START);
        world
    }

    /// Starts a machine that has not asked for anything yet, and will not reach the registry.
    pub(crate) fn unsettled(configuration: &str) -> Self {
        Self::of_plugin(Self::plugin().configuration(configuration))
    }

    /// Starts a machine as `configured` does; a service of it looks for keys in bodies.
    pub(crate) fn reading_bodies(configuration: &str) -> Self {
        let plugin = Self::plugin().configuration(configuration);
        let mut world = Self::of_plugin(if configuration == "{}" {
            plugin
        } else {
            plugin.allow_on_headers_stop_iteration()
        });
        world.change_silently(async |catalogue, write| {
            let mut changed = catalogue.orders.clone();
            changed.key_auth.key_in_body = true;
            service::update(write, &changed).await.unwrap();
        });
        world.connect();
        world.vm.advance(START);
        world
    }

    /// Returns the filter as Envoy loads it unless told otherwise.
    pub(crate) fn plugin() -> Plugin {
        Plugin::new(&MODULE).configuration("{}")
    }

    /// Starts a machine as `unsettled` does.
    pub(crate) fn of_plugin(plugin: Plugin) -> Self {
        let registry = Self::new_registry(timestamp(Shared::new().now()));
        let catalogue = RUNTIME.block_on(Catalogue::fill(&registry));
        let mut vm = plugin.share(&clock_at(registry.now())).start().unwrap();
        let uplink = Uplink::new(RUNTIME.handle().clone());
        let liar: Arc<Mutex<Option<Liar>>> = Arc::default();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (way, lies, log) = (uplink.clone(), Arc::clone(&liar), Arc::clone(&asked));
        vm.on_callout(move |callout| {
            lock(&log).push(callout.path().unwrap_or_default().to_owned());
            let lie = lock(&lies).as_mut().and_then(|lie| lie(callout));
            lie.unwrap_or_else(|| way.answer(callout))
        });
        Self {
            vm,
            registry,
            catalogue,
            uplink,
            liar,
            asked,
        }
    }

    fn new_registry(now: Timestamp) -> Arc<Resident> {
        Arc::new(RUNTIME.block_on(Resident::open(now)).unwrap())
    }

    /// Puts another history in the place of the registry's, with the same names and other ids.
    pub(crate) fn restore(&mut self) {
        self.registry = Self::new_registry(timestamp(self.vm.now()));
        self.catalogue = RUNTIME.block_on(Catalogue::fill(&self.registry));
    }

    /// Makes the registry reachable, from the next try on.
    pub(crate) fn connect(&self) {
        self.uplink.connect(Arc::clone(&self.registry));
    }

    /// Makes the registry reachable under the name of another cluster; what the default one leads to
    /// stays.
    pub(crate) fn connect_cluster(&self, cluster: &'static str) {
        let uplink = Uplink::new(RUNTIME.handle().clone());
        uplink.connect(Arc::clone(&self.registry));
        self.lie(move |callout| (callout.cluster == cluster).then(|| uplink.answer(callout)));
    }

    /// Makes the registry unreachable; a poll under way fails.
    pub(crate) fn cut_off(&mut self) {
        self.uplink.cut();
        self.vm.offer_callouts_again();
    }

    /// Has someone else answer what they return `Some` for, from the next callout on.
    pub(crate) fn lie(&self, liar: impl FnMut(&Callout) -> Option<CalloutAnswer> + Send + 'static) {
        *lock(&self.liar) = Some(Box::new(liar));
    }

    /// Starts a machine that knows the services and no key: the first page ends there, the next one
    /// does not come, and what is asked about keys is answered by `check` or, without, not at all.
    pub(crate) fn with_services_only(
        mut check: impl FnMut(Response) -> CalloutAnswer + Send + 'static,
    ) -> Self {
        let mut world = Self::unsettled("{}");
        let honest = world.uplink.clone();
        world.lie(move |callout| {
            let reading = callout.path().and_then(Reading::parse);
            let CalloutAnswer::Response(truth) = honest.answer(callout) else {
                return None;
            };
            Some(match reading {
                None => check(truth),
                Some(reading) if reading.after == 0 => services_of(truth).into(),
                Some(_) => CalloutAnswer::Pending,
            })
        });
        world.connect();
        world.pass(START);
        world
    }

    /// Ends all lies.
    pub(crate) fn be_honest(&self) {
        *lock(&self.liar) = None;
    }

    /// Returns what the registry itself answers.
    pub(crate) fn truth(&self, callout: &Callout) -> Response {
        match self.uplink.answer(callout) {
            CalloutAnswer::Response(response) => response,
            other => panic!("the registry answers nothing: {other:?}"),
        }
    }

    /// Changes what the registry keeps and lets the feed tell.
    pub(crate) fn change(&mut self, change: impl AsyncFnOnce(&Catalogue, &mut Write)) {
        self.change_silently(change);
        self.vm.offer_callouts_again();
    }

    /// Changes what the registry keeps; a poll that waits is not answered yet.
    pub(crate) fn change_silently(&mut self, change: impl AsyncFnOnce(&Catalogue, &mut Write)) {
        self.registry.set_time(timestamp(self.vm.now()));
        RUNTIME.block_on(async {
            let mut write = self.registry.write().await.unwrap();
            change(&self.catalogue, &mut write).await;
            let deed = Deed::new("scenario.change", "scenario");
            write.commit(deed).await.unwrap();
        });
    }

    /// Reads what the registry keeps.
    pub(crate) fn ask<R>(&self, read: impl AsyncFnOnce(&Storage) -> R) -> R {
        RUNTIME.block_on(read(&self.registry.registry.storage))
    }

    /// Lets time pass, for the registry too.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.vm.advance(time);
        self.registry.set_time(timestamp(self.vm.now()));
    }

    /// Moves the clock without anything else happening to this machine meanwhile.
    pub(crate) fn jump(&mut self, time: Duration) {
        // Another machine under the same clock lets it go on.
        let other = Self::plugin().share(self.vm.shared());
        other.start().unwrap().advance(time);
        self.registry.set_time(timestamp(self.vm.now()));
    }

    /// Sends a key to a service; returns what came of it.
    pub(crate) fn send(&mut self, service: &str, key: &str) -> Outcome {
        request(service, key).send(&mut self.vm)
    }

    /// Returns the status for a key sent to a service; only a 200 reaches the upstream.
    pub(crate) fn status(&mut self, service: &str, key: &str) -> Option<u16> {
        let outcome = self.send(service, key);
        assert_eq!(
            outcome.is_forwarded(),
            outcome.status() == Some(200),
            "what is refused never reaches the upstream"
        );
        outcome.status()
    }

    /// Returns how many callouts brought no answer to believe.
    pub(crate) fn unheard(&self) -> u64 {
        let count = self.vm.metric("keystile.callouts.unreachable");
        count.unwrap_or_default()
    }

    /// Returns how often keys were asked about so far.
    pub(crate) fn checks(&self) -> usize {
        let asked = lock(&self.asked);
        asked.iter().filter(|path| path.ends_with("/check")).count()
    }

    /// Returns the callouts about keys that nobody has answered, oldest first.
    pub(crate) fn open_checks(&self) -> Vec<Callout> {
        let mut callouts = self.vm.pending_callouts();
        callouts.retain(|callout| callout.path() == Some("/gateway/v1/check"));
        callouts
    }

    /// Returns the one poll of the feed that nobody has answered.
    pub(crate) fn open_poll(&self) -> Callout {
        let mut callouts = self.vm.pending_callouts();
        callouts.retain(|callout| callout.path().and_then(Reading::parse).is_some());
        assert_eq!(callouts.len(), 1, "a machine has one poll under way");
        callouts.remove(0)
    }

    /// Asserts that nothing has trapped.
    pub(crate) fn assert_alive(&self) {
        assert_eq!(*self.vm.health(), Health::Running, "nothing may trap");
    }
}

/// Returns the services of a first page, as if there had been no room for more.
fn services_of(truth: Response) -> Response {
    let mut page: Page = wire::decode(&truth.body).unwrap();
    let is_service = |entry: &Entry| matches!(entry, Entry::Service(_));
    page.entries.retain(is_service);
    page.last = Cursor::everything(1);
    truth.body(wire::encode(&page).unwrap())
}

/// Returns a request to a service with a key.
pub(crate) fn request(service: &str, key: &str) -> Exchange {
    Exchange::get("/")
        .header("apikey", key)
        .property(SERVICE_PROPERTY, service)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
