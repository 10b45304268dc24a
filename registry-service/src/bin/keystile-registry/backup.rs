//! `backup` and `restore`.

use std::path::Path;

use keystile_registry::clock::Clock;
use keystile_registry::config::Config;
use keystile_registry::domain::timestamp::Timestamp;
use keystile_registry::random::Random;
use keystile_registry::storage::Storage;
use keystile_registry::storage::backup::{self, Past, Present, Restored, Wish};

use crate::arguments::Command;
use crate::{Outcome, say};

pub(crate) async fn take(config: &Config, file: &Path) -> Outcome {
    let random = Random::from_system()?;
    let storage = Storage::open(&config.database, &Clock::System, &random).await?;
    let taken = storage.back_up(file, Clock::System.now()).await?;
    storage.close().await;
    say(&format!(
        "{} rows, everything up to revision {}",
        taken.rows, taken.header.revision
    ))
}

pub(crate) async fn restore(command: Command) -> Outcome {
    let Command::Restore {
        config,
        replace,
        revive_revoked,
        compare_with,
        file,
    } = command
    else {
        return Ok(());
    };
    let past = if revive_revoked {
        Past::AsItWas
    } else {
        Past::WithoutRevoked
    };
    let wish = Wish {
        backup: &file,
        target: &config.database,
        present: if replace {
            Present::Replaced
        } else {
            Present::Stays
        },
        compare_with: compare_with.as_ref(),
        past,
    };
    let random = Random::from_system()?;
    let restored = backup::restore(&wish, (&Clock::System, &random)).await?;
    tell(&restored, past)
}

fn tell(restored: &Restored, past: Past) -> Outcome {
    let taken_at = Timestamp(restored.header.taken_at);
    say(&format!(
        "{} rows restored, as they were at {taken_at}",
        restored.rows
    ))?;
    if let Some(aside) = &restored.set_aside {
        say(&format!("what was replaced is `{}`", aside.display()))?;
    }
    let Some(revived) = &restored.revived else {
        return say(&format!(
            "WARNING: there was no other database to compare with. Keys, tokens and registrations that \
             were revoked after {taken_at} WORK AGAIN: revoke them now, or restore once more with \
             --compare-with"
        ));
    };
    let became = match past {
        Past::WithoutRevoked => "kept from coming back",
        Past::AsItWas => "WORKS AGAIN",
    };
    for one in revived {
        say(&format!("{became}: {one}"))?;
    }
    say(&format!("{} revoked since the backup", revived.len()))
}
