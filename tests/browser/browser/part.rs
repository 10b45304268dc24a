//! A part of the page, and what a person does with the controls in it.

use std::pin::Pin;

use serde_json::json;
use thirtyfour::prelude::*;

use super::Browser;

const FIND: &str = include_str!("../find.js");

/// A part of the page: the smallest that shows a text and has what is asked for.
pub(crate) struct Part<'a> {
    browser: &'a Browser,
    text: String,
}

/// What is done with a control, under way.
type Acting<'a> = Pin<Box<dyn Future<Output = WebDriverResult<()>> + 'a>>;

// === impl Part ===

impl<'b> Part<'b> {
    pub(super) fn new(browser: &'b Browser, text: &str) -> Self {
        let text = text.to_owned();
        Self { browser, text }
    }

    /// Returns what a field holds.
    #[track_caller]
    pub(super) fn value(&self, label: &str) -> String {
        let field = self.find("field", label);
        let value = self.browser.block_on(field.prop("value")).unwrap();
        value.unwrap_or_default()
    }

    /// Types into a field, over what it held.
    #[track_caller]
    pub(crate) fn fill(&self, label: &str, text: &str) {
        self.acts("field", label, |field| {
            Box::pin(async move {
                field.clear().await?;
                field.send_keys(text).await
            })
        });
    }

    /// Chooses an option of a list.
    #[track_caller]
    pub(crate) fn choose(&self, label: &str, option: &str) {
        let path = format!(".//option[normalize-space()='{option}']");
        self.acts("field", label, |list| {
            let by = By::XPath(path.clone());
            Box::pin(async move { list.find(by).await?.click().await })
        });
    }

    /// Clicks a checkbox or a radio button.
    #[track_caller]
    pub(crate) fn tick(&self, label: &str) {
        self.click("field", label);
    }

    /// Presses a button.
    #[track_caller]
    pub(crate) fn press(&self, name: &str) {
        self.click("button", name);
    }

    /// Follows a link.
    #[track_caller]
    pub(crate) fn follow(&self, name: &str) {
        self.click("link", name);
    }

    #[track_caller]
    fn click(&self, kind: &str, name: &str) {
        self.acts(kind, name, |element| {
            Box::pin(async move { element.click().await })
        });
    }

    /// Finds a control and does something with it. A page that is just being left has controls that
    /// are gone a moment later, so it is tried until the deadline.
    #[track_caller]
    fn acts<'a>(&self, kind: &str, name: &str, action: impl Fn(WebElement) -> Acting<'a>) {
        let what = format!("{kind} {name:?} in {:?}", self.text);
        self.browser.comes_true(&what, || {
            let element = self.look_for(kind, name)?;
            let done = self.browser.block_on(action(element));
            done.map_err(|error| error.to_string())
        });
    }

    #[track_caller]
    fn find(&self, kind: &str, name: &str) -> WebElement {
        let what = format!("{kind} {name:?} in {:?}", self.text);
        self.browser.comes_true(&what, || self.look_for(kind, name))
    }

    fn look_for(&self, kind: &str, name: &str) -> Result<WebElement, String> {
        let arguments = vec![json!(kind), json!(name), json!(self.text)];
        let driver = self.browser.driver();
        let answer = self
            .browser
            .block_on(driver.execute(FIND, arguments))
            .map_err(|error| error.to_string())?;
        match answer.json().as_str() {
            Some(why) => Err(why.to_owned()),
            None => answer.element().map_err(|error| error.to_string()),
        }
    }
}
