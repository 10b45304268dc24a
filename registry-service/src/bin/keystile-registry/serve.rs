//! `serve`: three listeners until the program is told to stop.

use std::sync::Arc;
use std::time::Duration;

use keystile_registry::config::Config;
use keystile_registry::http::serve::Listeners;
use keystile_registry::registry::Registry;
use tokio::sync::watch;

use crate::{Outcome, open, say};

/// How long requests under way may take once the program is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

pub(crate) async fn serve(config: Config) -> Outcome {
    config.is_fit_to_serve()?;
    let listeners = Listeners::bind(&config).await?;
    let lock = config.database.lock()?;
    let registry = open(&config).await?;
    registry
        .storage
        .begin_serving(&lock, &registry.random)
        .await?;
    let [portal, admin, gateway] = listeners.addresses()?;
    say(&format!(
        "portal   http://{portal}\nadmin    http://{admin}\ngateways http://{gateway}"
    ))?;
    until_told_to_stop(listeners, &registry).await?;
    registry.storage.end_serving(&lock).await?;
    registry.storage.close().await;
    Ok(())
}

async fn until_told_to_stop(listeners: Listeners, registry: &Arc<Registry>) -> Outcome {
    let (stop, stopped) = watch::channel(());
    let mut serving = tokio::spawn(listeners.serve(Arc::clone(registry), stopped));
    tokio::select! {
        served = &mut serving => served??,
        () = asked_to_stop() => {
            drop(stop);
            // Gateways' long polls would hold the program for as long as they wait.
            if let Ok(served) = tokio::time::timeout(DRAIN, serving).await {
                served??;
            }
        }
    }
    Ok(())
}

async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
