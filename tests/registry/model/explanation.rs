//! What administrators are told about a key is what gateways decide.

use std::collections::BTreeMap;

use keystile_registry::administration::refusals::explain;
use keystile_registry::administration::{Acting, services};
use keystile_registry::domain::access::{Actor, Administrator, Role, Scope};
use keystile_registry::domain::id::ServiceId;
use keystile_registry::domain::refusal::Verdict;
use keystile_registry::storage::{Range, Wanted, credential};

use super::world::{Decision, World};
use crate::desk::Desk;

/// Compares every explanation with the model's decision.
pub(super) async fn agrees(world: &World, desk: &Desk) {
    let acting = acting(desk);
    let services = services_by_name(&acting).await;
    for (service, digest, expected) in world.decisions(desk.registry.clock.now().0) {
        let mut snapshot = desk.registry.storage.read().await.unwrap();
        let found = credential::find_by_digest(&mut snapshot, digest).await;
        drop(snapshot);
        let told = match found.unwrap() {
            None => Decision::Unknown,
            Some(found) => {
                let ids = (found.id, services[&service]);
                match explain(&acting, ids).await.unwrap().verdict {
                    Verdict::Unauthorized => Decision::Unknown,
                    Verdict::Forbidden => Decision::Refused,
                    _ => Decision::Permitted,
                }
            }
        };
        assert_eq!(told, expected, "{service} with {digest}");
    }
}

fn acting(desk: &Desk) -> Acting {
    let by = Administrator {
        actor: Actor::Operator,
        id: None,
        role: Role::Owner,
        scopes: vec![Scope::Admin],
        may_make_secrets: false,
    };
    Acting::new(desk.registry.clone(), by)
}

async fn services_by_name(acting: &Acting) -> BTreeMap<String, ServiceId> {
    let range = Range {
        limit: 1000,
        offset: 0,
    };
    let list = services::list(acting, &Wanted::all(range)).await.unwrap();
    let pair = |one: keystile_registry::domain::service::Service| (one.name.to_string(), one.id);
    list.items.into_iter().map(pair).collect()
}
