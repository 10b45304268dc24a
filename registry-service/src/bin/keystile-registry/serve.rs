//! `serve`: three listeners until the program is told to stop.

use std::sync::Arc;

use keystile_registry::config::Config;
use keystile_registry::http::serve::Listeners;
use keystile_registry::mail::Mailing;

use crate::{Outcome, open, say};

pub(crate) async fn serve(config: Config) -> Outcome {
    config.is_fit_to_serve()?;
    let listeners = Listeners::bind(&config).await?;
    let lock = config.database.lock()?;
    let registry = open(&config).await?;
    registry
        .storage
        .begin_serving(&lock, &registry.random)
        .await?;
    let [portal, admin, gateway] = listeners.urls()?;
    say(&format!(
        "portal   {portal}\nadmin    {admin}\ngateways {gateway}"
    ))?;
    let mailing = Mailing::begin(&registry);
    listeners
        .serve(Arc::clone(&registry), asked_to_stop())
        .await;
    drop(mailing);
    registry.storage.end_serving(&lock).await?;
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
