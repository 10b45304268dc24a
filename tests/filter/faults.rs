//! A host that refuses what the filter asks of it: each call with each status in turn. Nothing may
//! trap, nobody may pass without a good key, and once the host does its work again so does the
//! filter.

use cases::uplink::{SERVICE_PROPERTY, START};
use keystile_registry::domain::text::Line;
use keystile_registry::storage::service;
use proxy_wasm_harness::{Exchange, HostCall, StartError, Status};

use crate::world::{ADA, BOB, LONGEST_PAUSE, ORDERS, World, request};

const BODIES: &str = r#"{"body":{"enabled":true}}"#;

#[test]
fn a_start_that_the_host_spoils_is_refused_or_heals() {
    for (call, status) in faults() {
        match World::plugin().fault(call, status).start() {
            Ok(mut vm) => {
                vm.advance(START);
                let outcome = request(ORDERS, ADA).send(&mut vm);
                assert!(outcome.upstream.is_none(), "{call:?} {status:?}: closed");
                if vm.host_calls(call) == 0 {
                    continue;
                }
            }
            Err(StartError::ConfigurationRefused { .. }) => continue,
            Err(error) => panic!("{call:?} {status:?}: {error}"),
        }
        let spoilt = World::plugin().configuration(BODIES).fault(call, status);
        let mut world = World::of_plugin(spoilt);
        world.connect();
        world.pass(START);
        expect_closed(&mut world, call, status);
        expect_healed(&mut world, call, status);
    }
}

#[test]
fn requests_that_the_host_spoils_never_trap_nor_pass_without_a_good_key() {
    let mut world = World::reading_bodies(BODIES);
    for (call, status) in faults() {
        world.vm.fault(call, status);
        for good in [request(ORDERS, ADA), form(ADA)] {
            let outcome = good.send(&mut world.vm);
            if let Some(upstream) = outcome.upstream {
                let body = String::from_utf8_lossy(&upstream.body);
                let is_hidden = !upstream.headers.contains("apikey") && !body.contains(ADA);
                assert!(is_hidden, "{call:?} {status:?}: the key is hidden");
            }
        }
        expect_closed(&mut world, call, status);
        expect_healed(&mut world, call, status);
    }
}

#[test]
fn the_feed_that_the_host_spoils_heals() {
    let mut world = World::complete();
    for (number, (call, status)) in faults().enumerate() {
        let realm = format!("realm-{number}");
        world.vm.fault(call, status);
        world.change(async |catalogue, write| {
            let mut changed = catalogue.orders.clone();
            changed.key_auth.realm = Some(Line::parse(&realm).unwrap());
            service::update(write, &changed).await.unwrap();
        });
        world.pass(LONGEST_PAUSE);
        expect_closed(&mut world, call, status);
        expect_healed(&mut world, call, status);
        let refused = world.send(ORDERS, "nobodys-key").response.unwrap();
        let challenge = refused.headers.text("www-authenticate").unwrap();
        assert!(
            challenge.contains(&realm),
            "{call:?} {status:?}: {challenge}"
        );
    }
}

#[test]
fn questions_that_the_host_spoils_never_trap_nor_let_an_unknown_key_pass() {
    let mut world = World::with_services_only(Into::into);
    for (call, status) in faults() {
        if status == Status::FAILURES[0] {
            // Services that nobody tells of any more are too old in the end.
            world = World::with_services_only(Into::into);
        }
        world.vm.fault(call, status);
        let waiting = world.vm.begin(request(ORDERS, ADA));
        world.vm.settle();
        expect_closed(&mut world, call, status);
        world.vm.disconnect(waiting);
        expect_healed(&mut world, call, status);
    }
}

#[test]
fn a_plugin_that_was_not_announced_is_refused() {
    let calls = HostCall::ALL.iter().map(|call| call.import());
    let plugin = World::plugin().allow_only(calls.chain(["proxy_on_configure"]));
    let error = plugin.start().unwrap_err();
    let is_refused = matches!(error, StartError::ConfigurationRefused { .. });
    assert!(is_refused, "{error}");
}

#[test]
fn a_request_that_was_not_announced_is_refused_whatever_comes_of_it() {
    let mut world = World::reading_bodies(BODIES);
    world.vm.skip_callback("proxy_on_context_create");
    for good in [request(ORDERS, ADA), form(ADA)] {
        let outcome = good.send(&mut world.vm);
        assert!(outcome.upstream.is_none(), "nobody can tell whose it is");
        let status = outcome.response.and_then(|response| response.status());
        assert_eq!(status, Some(503));
    }
    world.vm.skip_callback("proxy_on_request_headers");
    for rest in [form(ADA), form(ADA).trailer("a", "b")] {
        let _ = rest.send(&mut world.vm);
    }
    world.assert_alive();
}

fn faults() -> impl Iterator<Item = (HostCall, Status)> {
    HostCall::ALL
        .iter()
        .flat_map(|call| Status::FAILURES.iter().map(|status| (*call, *status)))
}

fn form(key: &str) -> Exchange {
    Exchange::post("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("first=1&apikey={key}"))
        .property(SERVICE_PROPERTY, ORDERS)
}

/// Asserts that nobody passes who must not.
fn expect_closed(world: &mut World, call: HostCall, status: Status) {
    let strangers = [
        (
            "nobody",
            Exchange::get("/").property(SERVICE_PROPERTY, ORDERS),
        ),
        ("an unknown key", request(ORDERS, "nobodys-key")),
        ("an unknown key in a body", form("nobodys-key")),
        ("a key of another service", request(ORDERS, BOB)),
    ];
    for (who, stranger) in strangers {
        let outcome = stranger.send(&mut world.vm);
        assert!(outcome.upstream.is_none(), "{call:?} {status:?}: {who}");
    }
    world.assert_alive();
}

/// Asserts that the machine works as before once the host does.
fn expect_healed(world: &mut World, call: HostCall, status: Status) {
    world.vm.clear_faults();
    world.pass(2 * LONGEST_PAUSE);
    world.assert_alive();
    let seen = world.status(ORDERS, ADA);
    assert_eq!(seen, Some(200), "{call:?} {status:?}: heals");
    assert_eq!(world.vm.reloads(), 0, "{call:?} {status:?}");
}
