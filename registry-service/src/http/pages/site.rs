//! Whose pages they are: each listener has its own address, cookies and layout.

use url::Url;

use crate::http::cookies::is_trustworthy;
use crate::registry::Settings;

/// Whose pages they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site {
    /// Developers'.
    Portal,
    /// Administrators'.
    Admin,
}

/// What a cookie of ours is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CookieKind {
    /// The secret of a log-in.
    Session,
    /// The secret that form tokens are bound to before anybody is logged in.
    Visit,
    /// A message for the next page.
    Flash,
}

// === impl Site ===

impl Site {
    /// Returns where people find the pages.
    pub fn url(self, settings: &Settings) -> &Url {
        match self {
            Self::Portal => &settings.public_url,
            Self::Admin => &settings.admin_url,
        }
    }

    /// Whether browsers return `Secure` cookies to the pages.
    pub fn is_trustworthy(self, settings: &Settings) -> bool {
        is_trustworthy(self.url(settings))
    }

    /// Returns the template that every page of the site extends.
    pub(super) const fn layout(self) -> &'static str {
        match self {
            Self::Portal => "portal/layout.html",
            Self::Admin => "admin/layout.html",
        }
    }

    /// Returns the template of the log-in.
    pub(super) const fn log_in_template(self) -> &'static str {
        match self {
            Self::Portal => "portal/log_in.html",
            Self::Admin => "admin/login.html",
        }
    }

    /// Returns the template that asks somebody who is logged in for the password.
    pub(super) const fn password_template(self) -> &'static str {
        match self {
            Self::Portal => "portal/confirm_password.html",
            Self::Admin => "admin/password.html",
        }
    }

    /// Returns where that is.
    pub(super) const fn password_path(self) -> &'static str {
        match self {
            Self::Portal => "/confirm-password",
            Self::Admin => "/password",
        }
    }

    /// Returns a cookie's name. Browsers send cookies to every port of a host, so each listener has
    /// its own names; `__Host-` keeps neighbouring hosts from planting them (RFC 6265bis, section
    /// 4.1.3.2). Chromium takes such names from `http://localhost` too.
    pub(super) fn cookie(self, kind: CookieKind, settings: &Settings) -> String {
        let prefix = if self.is_trustworthy(settings) {
            "__Host-"
        } else {
            ""
        };
        let site = match self {
            Self::Portal => "portal",
            Self::Admin => "admin",
        };
        let suffix = match kind {
            CookieKind::Session => "",
            CookieKind::Visit => "-visit",
            CookieKind::Flash => "-flash",
        };
        format!("{prefix}keystile-{site}{suffix}")
    }
}
