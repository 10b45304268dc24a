//! `serve`: three listeners until the program is told to stop.

use std::sync::Arc;
use std::time::Duration;

use keystile_registry::config::Config;
use keystile_registry::http::serve::Listeners;
use tokio::sync::watch;

use crate::{Outcome, open, say};

/// How long requests under way may take once the program is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

pub(crate) async fn serve(config: Config) -> Outcome {
    config.is_fit_to_serve()?;
    let listeners = Listeners::bind(&config).await?;
    let _lock = config.database.lock()?;
    let registry = open(&config).await?;
    let [portal, admin, gateway] = listeners.addresses()?;
    say(&format!(
        "portal   http://{portal}\nadmin    http://{admin}\ngateways http://{gateway}"
    ))?;
    let (stop, stopped) = watch::channel(());
    let mut serving = tokio::spawn(listeners.serve(Arc::clone(&registry), stopped));
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
    registry.storage.close().await;
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
