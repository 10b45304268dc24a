//! Where a journey's screenshots and pages go: `target/screenshots/` and `target/browser-pages/`.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use stage::places;

use crate::browser::Browser;

/// What people look at pages with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Screen {
    Desktop,
    Phone,
}

/// Which colours they prefer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Theme {
    Light,
    Dark,
}

/// The folders of one journey.
pub(crate) struct Gallery {
    pub(crate) pages: PathBuf,
    screenshots: PathBuf,
}

// === impl Gallery ===

impl Gallery {
    /// Empties the folders of a journey.
    pub(crate) fn open(journey: &str) -> Self {
        let fresh = |kind: &str| {
            let folder = places::target().join(kind).join(journey);
            // There may be none yet.
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).unwrap();
            folder
        };
        Self {
            pages: fresh("browser-pages"),
            screenshots: fresh("screenshots"),
        }
    }

    /// Returns where a page's source goes.
    pub(crate) fn page(&self, name: &str) -> PathBuf {
        self.pages.join(name).with_extension("html")
    }

    /// Takes a picture of the whole page.
    pub(crate) fn picture(&self, browser: &Browser, name: &str, look: (Screen, Theme)) {
        let (screen, theme) = look;
        let file = format!("{name}-{}-{}.png", screen.name(), theme.name());
        let parameters = json!({"captureBeyondViewport": true, "optimizeForSpeed": true});
        let answer = browser.command("Page.captureScreenshot", parameters);
        let data = answer["data"].as_str().expect("a picture");
        save(
            &self.screenshots.join(file),
            &STANDARD.decode(data).unwrap(),
        );
    }
}

// === impl Screen ===

impl Screen {
    /// Makes a browser's window this large.
    pub(crate) fn apply(self, browser: &Browser) {
        let (width, height) = match self {
            Self::Desktop => (1280, 800),
            Self::Phone => (390, 844),
        };
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        browser.command("Emulation.setDeviceMetricsOverride", metrics);
    }

    fn name(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Phone => "phone",
        }
    }
}

// === impl Theme ===

impl Theme {
    /// Makes a browser prefer these colours.
    pub(crate) fn apply(self, browser: &Browser) {
        let features = json!([
            {"name": "prefers-color-scheme", "value": self.name()},
            // Colours that are still on their way are those of neither theme.
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        browser.command("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

fn save(file: &Path, bytes: &[u8]) {
    fs::write(file, bytes).unwrap();
}
