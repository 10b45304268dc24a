//! Both documented flows, on both databases.

use stage::error::StageError;
use stage::postgres::PostgreSql;
use stage::registry::{Database, Registry};
use stage::scene::Scene;
use stage::story::{self, Outcome, Setting, Step, Story, application, service};

use crate::watch::assert_healthy;

#[test]
fn both_documented_flows_answer_as_documented_on_sqlite() {
    walk(&Database::Sqlite).unwrap();
}

#[test]
fn both_documented_flows_answer_as_documented_on_postgresql() {
    let server = PostgreSql::start().unwrap();
    walk(&Database::Url(server.url())).unwrap();
}

fn walk(database: &Database) -> Result<(), StageError> {
    let scene = Scene::set(Registry::start(database)?, |config| {
        config.routes(&story::routes())?.logging_queries()
    })?;
    let setting = Setting::of(&scene);
    let mut steps = 0;
    let mut count = |step: &Step<'_>| {
        assert!(
            matches!(step.outcome, Outcome::Documented),
            "{}: {:?}",
            step.what,
            step.outcome
        );
        steps += 1;
    };
    let mut story = Story::new(scene.registry.journal().clone(), &mut count);
    let people = application::walk(&setting, &mut story)?;
    let key = service::walk(&setting, &people, &mut story)?;
    assert!(steps > 30, "both flows were walked to their ends: {steps}");
    assert_healthy(&scene, &[&people.key.key, &key.key])
}
