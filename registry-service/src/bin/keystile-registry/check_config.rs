//! `check-config`: every setting as it holds, and whether `serve` could start with them.

use keystile_registry::config::Config;
use keystile_registry::config::effective::Effective;
use keystile_registry::http::serve::Listeners;
use keystile_registry::storage::inspect::{self, Found};

use crate::{Outcome, say};

pub(crate) async fn run(config: &Config, settings: &[Effective]) -> Outcome {
    for setting in settings {
        say(&setting.to_string())?;
    }
    config.is_fit_to_serve()?;
    Listeners::check(config)?;
    say(match inspect::inspect(&config.database).await? {
        Found::Nothing => "# the database is not there yet: `serve` makes it",
        Found::Current => "# the database answers, and its schema is this program's",
        Found::Older => "# the database answers, and `serve` brings its schema up to date",
    })
}
