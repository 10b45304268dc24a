//! `token create`, `token list`, `token revoke`.

use keystile_registry::domain::access::Token;
use keystile_registry::domain::timestamp::Timestamp;
use keystile_registry::operator::{self, NewToken};

use crate::arguments::TokenCommand;
use crate::{Outcome, open, say};

pub(crate) async fn run(command: TokenCommand) -> Outcome {
    match command {
        TokenCommand::Create {
            config,
            admin,
            scopes,
            name,
        } => {
            let registry = open(&config).await?;
            let new = NewToken {
                name,
                scopes,
                expires_at: None,
                once: None,
            };
            say(&operator::issue_token(&registry, &admin, new).await?)
        }
        TokenCommand::List { config } => {
            let registry = open(&config).await?;
            let now = registry.clock.now();
            for token in operator::list_tokens(&registry).await? {
                say(&listed(&token, now))?;
            }
            Ok(())
        }
        TokenCommand::Revoke { config, id } => {
            let registry = open(&config).await?;
            operator::revoke_token(&registry, id).await?;
            say("the token is revoked")
        }
    }
}

fn listed(token: &Token, now: Timestamp) -> String {
    let state = if token.is_live(now) {
        "live"
    } else if token.revoked_at.is_some() {
        "revoked"
    } else {
        "expired"
    };
    let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.name()).collect();
    format!(
        "{}\t{state}\t{}\t{}",
        token.id,
        scopes.join(","),
        token.name
    )
}
