//! What a reader can do once the flows have been walked.

use stage::scene::Scene;
use stage::screen::Screen;
use stage::story::application::{EMAIL, PASSWORD};

/// Keys that work, for lines to copy.
pub(crate) struct Invitation {
    /// For the service of flow A.
    pub(crate) weather_key: String,
    /// For the service of flow B.
    pub(crate) billing_key: String,
}

// === impl Invitation ===

impl Invitation {
    /// Prints where everything is and what to try. Here the keys are whole: they are the reader's.
    pub(crate) fn show(&self, scene: &Scene, screen: &mut Screen) {
        let listeners = scene.registry.listeners();
        let proxy = scene.envoy.address();
        screen.title("Yours until Ctrl-C");
        screen.field("portal", &format!("http://{}", listeners.portal));
        screen.field("  log in with", &format!("{EMAIL} / {PASSWORD}"));
        screen.field("admin", scene.registry.welcome_link());
        screen.field(
            "  then at",
            &format!("http://localhost:{}", listeners.admin.port()),
        );
        screen.field("APIs (Envoy)", &format!("http://{proxy}"));
        screen.field("Envoy's admin", &format!("http://{}", scene.envoy.admin()));
        screen.title("Try it");
        let Self {
            weather_key,
            billing_key,
        } = self;
        for line in [
            format!("curl -i http://{proxy}/mock -H 'apikey: {weather_key}'"),
            format!("curl -i 'http://{proxy}/mock?apikey={weather_key}'"),
            format!("curl -i http://{proxy}/billing -d 'apikey={billing_key}'"),
            format!("curl -i http://{proxy}/mock"),
            format!(
                "curl http://{}/v2/api-products -H 'Authorization: Bearer {}'",
                listeners.admin,
                scene.registry.admin_token()
            ),
        ] {
            screen.say(&format!("  {line}"));
        }
    }
}
