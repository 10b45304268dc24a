//! The suite's own eyes: it finds what a person finds, and says so when there is nothing.

use crate::browser::Browser;

const PAGE: &str = "data:text/html,<!doctype html><html lang='en'><title>Names</title><main><h1>Names</h1>\
    <form><label>Name <input name='n' value='old'></label><label for='s'>Strategy</label>\
    <select id='s'><option>None</option><option value='k'>key-auth</option></select>\
    <label><input type='checkbox' id='c'> Publish</label><button type='button' hidden>Save</button>\
    <button type='button' onclick='document.title=this.name' name='saved'>Save</button></form>\
    <table><tr><td>Umbrella</td><td><button type='button'>Open</button></td></tr>\
    <tr><td>Ledger</td><td><button type='button' aria-label='Open' onclick='document.title=1'>x</button>\
    </td></tr></table></main>";

#[test]
fn a_control_is_found_by_the_name_it_is_read_out_with() {
    let browser = Browser::start().unwrap();
    browser.open(PAGE);
    browser.is_at("Names");
    browser.fill("Name", "new");
    assert_eq!(browser.value("Name"), "new", "what it held is gone");
    browser.choose("Strategy", "key-auth");
    assert_eq!(browser.value("Strategy"), "k");
    browser.tick("Publish");
    browser.press("Save");
    assert_eq!(
        browser.ask("return document.title", vec![]).unwrap(),
        "saved"
    );
    browser.part("Ledger").press("Open");
    let title = browser.ask("return document.title", vec![]).unwrap();
    assert_eq!(title, "1", "the row's own button is pressed");
    browser.sees("Umbrella");
    browser.sees_no("Soylent");
}
