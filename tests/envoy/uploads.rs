//! Bodies: what need not be read is passed on as it comes, what must be read is read first.

use stage::client::{Connection, Request};
use stage::registry::{Database, Registry};
use stage::scene::Scene;

use crate::watch::assert_healthy;
use crate::world::{World, searched};

const MIB: usize = 1024 * 1024;

/// How large an upload is, and how much more memory Envoy may need for it.
const UPLOAD: usize = 100 * MIB;
const GROWTH: usize = 5 * MIB;

fn scene() -> (Scene, World, String) {
    let registry = Registry::start(&Database::Sqlite).unwrap();
    let scene = Scene::set(registry, Ok).unwrap();
    let (world, key) = searched(&scene);
    (scene, world, key)
}

#[test]
#[cfg(target_os = "linux")]
fn a_large_upload_of_another_type_is_not_held_for_a_key() {
    let (scene, _world, key) = scene();
    let upload = |target: &str, size: usize| {
        Request::post(target)
            .header("apikey", key.as_str())
            .header("Content-Type", "application/octet-stream")
            .body(vec![b'a'; size])
    };
    // The first one brings the memory that any would.
    let small = scene.envoy.send(&upload("/small", MIB)).unwrap();
    assert_eq!(small.status, 200);
    let process = linux::Process(scene.envoy.process_id());
    let before = process.forget_peak().resident("VmRSS");
    let large = scene.envoy.send(&upload("/large", UPLOAD)).unwrap();
    let growth = process.resident("VmHWM").saturating_sub(before);

    assert_eq!(large.status, 200);
    assert_eq!(large.json()["body_bytes"], UPLOAD);
    println!("{growth} bytes more at most");
    assert!(growth < GROWTH, "it passes through: {growth} bytes more");
    assert_healthy(&scene, &[&key]).unwrap();
}

#[test]
fn the_upstream_sees_nothing_before_the_key_in_a_body_has_come() {
    let (scene, _world, key) = scene();
    let body = format!("city=Utrecht&apikey={key}");
    for (body, status) in [(body.as_str(), 200), ("city=Utrecht&apikey=nobodys", 401)] {
        scene.upstream.forget();
        let head = format!(
            "POST /form HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n",
            body.len()
        );
        let mut connection = Connection::open(scene.envoy.address()).unwrap();
        connection.write(head.as_bytes()).unwrap();
        let (last, before) = body.as_bytes().split_last().unwrap();
        connection.write(before).unwrap();
        // A worker that answers others has read what came before.
        let other = scene.envoy.send(&Request::get("/other")).unwrap();
        assert_eq!(other.status, 401);
        assert_eq!(scene.upstream.requests(), [], "not even the head");
        connection.write(&[*last]).unwrap();
        assert_eq!(connection.response("POST").unwrap().status, status);
        let arrived = scene.upstream.requests().len();
        assert_eq!(arrived, usize::from(status == 200));
    }
    assert_healthy(&scene, &[&key]).unwrap();
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    /// A process as the kernel sees it (proc(5)).
    pub(super) struct Process(pub(super) u32);

    // === impl Process ===

    impl Process {
        /// Lets the peak begin at what is resident now.
        pub(super) fn forget_peak(&self) -> &Self {
            fs::write(format!("/proc/{}/clear_refs", self.0), "5").unwrap();
            self
        }

        /// Returns a line of its status, in bytes.
        pub(super) fn resident(&self, name: &str) -> usize {
            let status = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap();
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            let number = line.split_whitespace().nth(1).unwrap();
            number.parse::<usize>().unwrap() * 1024
        }
    }
}
