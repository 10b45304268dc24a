//! Flow A: register an application to a service.

use keystile_protocol::id::{ApplicationId, ProductVersionId};
use serde_json::json;

use super::{Probe, Setting, Story};
use crate::api::{Admin, Developer, IssuedKey, Publication};
use crate::client::Request;
use crate::error::StageError;
use crate::upstream::Recorded;

/// What the route of this flow names.
pub const SERVICE: &str = "weather-v1";

/// The developer of both flows.
pub const EMAIL: &str = "ada@example.test";

/// Their password, good for a demonstration.
pub const PASSWORD: &str = "correct horse battery staple";

const PATH: &str = "/mock";

/// What the flow leaves behind.
#[derive(Debug)]
pub struct Registered {
    /// The administrator.
    pub admin: Admin,
    /// The developer, logged in.
    pub developer: Developer,
    /// Their application.
    pub application: ApplicationId,
    /// How applications authenticate.
    pub strategy: String,
    /// A key that works.
    pub key: IssuedKey,
}

struct Published {
    product: String,
    version: ProductVersionId,
    strategy: String,
}

/// Walks the flow.
pub fn walk(setting: &Setting<'_>, story: &mut Story<'_>) -> Result<Registered, StageError> {
    let admin = story.step("Admin opens the portal's settings", |_| {
        Admin::new(setting.admin.clone())
    })?;
    let published = publish(setting, &admin, story)?;
    let developer = join(setting, &admin, story)?;
    let application = register(&developer, &published, story)?;
    let key = call(setting, &developer, application, story)?;
    Ok(Registered {
        admin,
        developer,
        application,
        strategy: published.strategy,
        key,
    })
}

/// Steps 1 and 2: the administrator publishes a product version and enables app registration.
fn publish(
    setting: &Setting<'_>,
    admin: &Admin,
    story: &mut Story<'_>,
) -> Result<Published, StageError> {
    let product = story.step("Admin creates the API product Weather", |_| {
        admin.create_product("Weather")
    })?;
    let version = story.step("Admin adds version v1", |_| {
        admin.create_version(&product, "v1")
    })?;
    story.step("Admin says where its service is: weather-v1", |_| {
        let url = format!("http://{}{PATH}", setting.proxy);
        match admin.change_service(version.service, &json!({"proxy_url": url}))? {
            name if name == SERVICE => Ok(()),
            name => Err(StageError::unexpected("service weather-v1", &name)),
        }
    })?;
    let version = version.id;
    let strategy = story.step("Admin creates a key-auth strategy", |_| {
        admin.create_strategy("key-auth", &["apikey"])
    })?;
    story.step(
        "Admin makes it the portal's default, log-in required",
        |_| {
            admin.change_portal(&json!({
                "is_public": false,
                "auto_approve_developers": true,
                "auto_approve_applications": false,
                "default_application_auth_strategy_id": strategy,
            }))
        },
    )?;
    story.step("Admin enables app registration, auto-approved", |_| {
        let publication = Publication {
            strategy: strategy.clone(),
            auto_approve: true,
        };
        admin.publish(version, &publication)
    })?;
    Ok(Published {
        product,
        version,
        strategy,
    })
}

/// Step 3: a developer gets an account and logs in.
fn join(
    setting: &Setting<'_>,
    admin: &Admin,
    story: &mut Story<'_>,
) -> Result<Developer, StageError> {
    let visitor = setting.visitor.clone();
    story.step("Developer signs up", |_| {
        visitor.sign_up(EMAIL, "Ada Example")
    })?;
    let token = story.step("Admin passes the mailed link on: no mail server", |_| {
        admin.mailed_token(EMAIL)
    })?;
    story.step("Developer follows it and sets a password", |_| {
        visitor.set_password(&token, PASSWORD)
    })?;
    story.step("Developer logs in to the portal", |_| {
        visitor.log_in(EMAIL, PASSWORD)
    })
}

/// Steps 4 and 5: the developer creates an application and registers it for the version.
fn register(
    developer: &Developer,
    published: &Published,
    story: &mut Story<'_>,
) -> Result<ApplicationId, StageError> {
    let application = story.step("Developer creates the application Umbrella", |_| {
        developer.create_application("Umbrella", "umbrella-1")
    })?;
    story.step("Developer finds v1 in the catalogue, open", |_| {
        if developer.is_open(&published.product, published.version)? {
            return Ok(());
        }
        Err(StageError::unexpected("offer to register", &"none"))
    })?;
    story.step(
        "Developer sees that Umbrella is eligible",
        |_| match developer.eligible_applications(&published.product, published.version)? {
            eligible if eligible.contains(&application) => Ok(()),
            eligible => Err(StageError::unexpected("application to choose", &eligible)),
        },
    )?;
    story.step(
        "Developer requests access: approved at once",
        |_| match developer.request_access(application, published.version)? {
            registration if registration.status == "approved" => Ok(()),
            registration => Err(StageError::unexpected("approval", &registration)),
        },
    )?;
    Ok(application)
}

/// Step 6: the developer generates a key, calls the API, and deletes a key.
fn call(
    setting: &Setting<'_>,
    developer: &Developer,
    application: ApplicationId,
    story: &mut Story<'_>,
) -> Result<IssuedKey, StageError> {
    let proxy = setting.proxy;
    let key = story.step("Developer generates a credential", |_| {
        developer.issue_key(application, "first")
    })?;
    Probe::header(proxy, PATH, &key.key).answers(story, "Application calls with the key", 200)?;
    Probe::query(proxy, PATH, &key.key).answers(story, "Application sends it in the query", 200)?;
    story.step("The API knows who calls, and never saw the key", |_| {
        let seen = setting.upstream.requests_for(PATH);
        let id = application.to_string();
        let knows = |request: &&Recorded| request.header("x-consumer-id").as_deref() == Some(&id);
        let hidden = |request: &&Recorded| !request.holds(&key.key);
        // The requests themselves may hold the key: they are not shown.
        match (
            seen.iter().filter(knows).count(),
            seen.iter().filter(hidden).count(),
        ) {
            (2, 2) => Ok(()),
            other => Err(StageError::unexpected("two requests as documented", &other)),
        }
    })?;
    let nothing = Probe::new(proxy, Request::get(PATH), PATH);
    nothing.answers(story, "Without a key it is refused", 401)?;
    let wrong = keystile_protocol::key::compose("ks", "00000000000000000000000000000000");
    Probe::header(proxy, PATH, &wrong).answers(story, "With a wrong key it is refused", 401)?;
    let second = story.step("Developer generates another credential", |_| {
        developer.issue_key(application, "second")
    })?;
    Probe::header(proxy, PATH, &second.key).answers(story, "The other key works too", 200)?;
    story.step("Developer deletes the first credential", |_| {
        developer.delete_credential(application, key.id)
    })?;
    let first = Probe::header(proxy, PATH, &key.key);
    first.answers(story, "Within a second the first key is refused", 401)?;
    Probe::header(proxy, PATH, &second.key).answers(story, "The other key goes on", 200)?;
    Ok(second)
}
