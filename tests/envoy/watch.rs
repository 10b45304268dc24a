//! What must hold at the end of every journey.

use stage::error::StageError;
use stage::scene::Scene;

/// Fails if the filter was ever reloaded, which is what Envoy does after it trapped, or if a key
/// or what stands in for it is in a log.
pub(crate) fn assert_healthy(scene: &Scene, keys: &[&str]) -> Result<(), StageError> {
    let stats = scene.envoy.stats()?;
    let reloads = stats.matching("vm_reload", "");
    assert!(!reloads.is_empty(), "Envoy counts reloads");
    assert!(
        reloads.iter().all(|(_, count)| *count == 0),
        "the filter never traps: {reloads:?}\n{}",
        scene.envoy.log()
    );
    for (whose, log) in [
        ("Envoy", scene.envoy.log()),
        ("the registry", scene.registry.log()),
    ] {
        for key in keys {
            let digest = keystile_protocol::key::ApiKey::new(*key).digest();
            assert!(!log.contains(key), "{whose}'s log holds a key");
            assert!(
                !log.contains(&digest.to_string()),
                "{whose}'s log holds a digest"
            );
        }
    }
    Ok(())
}
