//! A key: shown once, listed by its ends, deleted, and the commands that send it.

use serde_json::json;

use crate::desk::Desk;
use crate::pages::reader::{Page, Reader};
use crate::pages::{ADA, developer, serve, version_path};
use crate::portal::browser::PASSWORD;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// A developer with an application that is approved; the page is the application's.
async fn approved(desk: &Desk) -> (Reader, Page) {
    let published = desk.publish().await;
    serve(desk).await;
    let body = json!({"auto_approve_applications": true});
    desk.patch(&format!("/v2/portals/{}", published.portal), body)
        .await;
    let mut reader = developer(desk, ADA).await;
    let register = format!("{}/register", version_path(&published));
    let page = reader.open(&register).await;
    let fields = [("application", "new"), ("name", "Weather")];
    let page = reader.send(&page, &register, &fields).await;
    (reader, page)
}

async fn generate(reader: &mut Reader, application: &Page) -> (Page, Page) {
    let new = format!("{}/credentials/new", application.path);
    let form = reader.open(&new).await;
    let shown = reader
        .send(&form, &new, &[("display_name", "production")])
        .await;
    (form, shown)
}

#[tokio::test]
async fn a_new_key_is_shown_once_with_commands_that_send_it() {
    let desk = Desk::on_sqlite().await;
    let (mut reader, application) = approved(&desk).await;
    let (_, shown) = generate(&mut reader, &application).await;
    assert_eq!(shown.status, 200, "{}", shown.text());
    assert_eq!(shown.headers["cache-control"], "no-store");
    let key = shown.all("#key").remove(0);
    let header = format!("curl -i -X GET 'http://localhost:8000/mock' -H 'apikey: {key}'");
    assert_eq!(shown.all("#call-1-header"), [header]);
    let page = reader.open(&application.path).await;
    assert!(
        !page.html.contains(&key),
        "nothing but its ends is ever shown again"
    );
    let ends = format!("{}…{}", &key[..4], &key[key.len() - 4..]);
    assert!(page.text().contains(&ends));
}

#[tokio::test]
async fn a_reload_says_that_the_key_was_shown_and_makes_no_other() {
    let desk = Desk::on_sqlite().await;
    let (mut reader, application) = approved(&desk).await;
    let (form, shown) = generate(&mut reader, &application).await;
    let key = shown.all("#key").remove(0);
    let new = format!("{}/credentials/new", application.path);
    let again = reader
        .send(&form, &new, &[("display_name", "production")])
        .await;
    assert_eq!(again.all("h1"), ["The key was already shown"]);
    assert!(!again.html.contains(&key));
    let page = reader.open(&application.path).await;
    assert_eq!(page.all("tbody td[data-label=Key]").len(), 1);
}

#[tokio::test]
async fn a_key_is_deleted_after_a_question() {
    let desk = Desk::on_sqlite().await;
    let (mut reader, application) = approved(&desk).await;
    generate(&mut reader, &application).await;
    let page = reader.open(&application.path).await;
    let links = page.attribute("td.doing a", "href");
    let delete = links.iter().find(|link| link.ends_with("/delete")).unwrap();
    let question = reader.open(delete).await;
    assert!(question.text().contains("never comes back"));
    let page = reader.send(&question, delete, &[]).await;
    assert!(page.path.starts_with(&application.path));
    assert!(page.text().contains("No keys yet"));
    assert_eq!(
        page.all(".live"),
        ["No gateway follows this registry at the moment."]
    );
}

#[tokio::test]
async fn an_hour_after_the_log_in_a_key_needs_the_password_again() {
    let desk = Desk::on_sqlite().await;
    let (mut reader, application) = approved(&desk).await;
    // Used in between: a log-in that is left alone is over before.
    for _ in 0..4 {
        desk.advance_ms(HOUR_MS / 4);
        reader.open("/").await;
    }
    let new = format!("{}/credentials/new", application.path);
    let page = reader.open(&new).await;
    assert_eq!(page.all("h1"), ["Your password, please"]);
    let fields = [("password", PASSWORD)];
    let page = reader.send(&page, "/confirm-password", &fields).await;
    assert_eq!(page.all("h1"), ["Generate a credential"]);
    // The hour passes while the form is open.
    for _ in 0..4 {
        desk.advance_ms(HOUR_MS / 4);
        reader.open("/").await;
    }
    let typed = [("display_name", "production")];
    let page = reader.send(&page, &new, &typed).await;
    assert_eq!(page.all("h1"), ["Your password, please"]);
    let page = reader.send(&page, "/confirm-password", &fields).await;
    assert_eq!(page.all("h1"), ["Generate a credential"]);
    assert_eq!(page.attribute("#display_name", "value"), ["production"]);
    let again = reader.open(&new).await;
    let shown = again.attribute("#display_name", "value");
    assert_eq!(shown, [""], "it was kept for one page");
}

#[tokio::test]
async fn the_guide_has_a_command_for_every_place_that_takes_the_key() {
    let desk = Desk::on_sqlite().await;
    let (mut reader, application) = approved(&desk).await;
    let links = application.attribute("td.doing a", "href");
    let guide = reader.open(&links[0]).await;
    assert_eq!(
        guide.all("pre code"),
        [
            "curl -i -X GET 'http://localhost:8000/mock' -H 'apikey: {API_KEY}'",
            "curl -i -G 'http://localhost:8000/mock' -d 'apikey={API_KEY}'",
        ]
    );
    let body = json!({"key_auth": {"key_in_body": true, "key_in_query": false,
                                   "key_names": ["x-key"]}});
    desk.patch(&serve(&desk).await, body).await;
    let guide = reader.open(&links[0]).await;
    assert_eq!(
        guide.all("pre code"),
        [
            "curl -i -X GET 'http://localhost:8000/mock' -H 'x-key: {API_KEY}'",
            "curl -i -X POST 'http://localhost:8000/mock' -d 'x-key={API_KEY}'",
        ]
    );
}

#[tokio::test]
async fn a_key_that_is_replaced_stays_for_the_time_that_was_chosen() {
    let desk = Desk::on_sqlite().await;
    let (mut reader, application) = approved(&desk).await;
    generate(&mut reader, &application).await;
    let page = reader.open(&application.path).await;
    let links = page.attribute("td.doing a", "href");
    let rotate = links.iter().find(|link| link.ends_with("/rotate")).unwrap();
    let form = reader.open(rotate).await;
    let shown = reader.send(&form, rotate, &[("overlap", "0")]).await;
    let key = shown.all("#key").remove(0);
    let again = reader.send(&form, rotate, &[("overlap", "0")]).await;
    assert_eq!(again.all("h1"), ["The key was already shown"]);
    let page = reader.open(&application.path).await;
    let ends = format!("{}…{}", &key[..4], &key[key.len() - 4..]);
    assert_eq!(
        page.all("tbody td[data-label=Key]"),
        [ends],
        "the old one is gone"
    );
}

#[tokio::test]
async fn a_change_is_live_once_every_gateway_has_asked_for_what_comes_after_it() {
    let desk = Desk::on_sqlite().await;
    let (mut reader, application) = approved(&desk).await;
    desk.page(None, 0).await;
    let (_, shown) = generate(&mut reader, &application).await;
    assert_eq!(shown.all(".live"), ["Live on 0 of 1 gateway."]);
    let head = desk.page(None, 0).await;
    desk.page(Some(head.epoch), head.head).await;
    let ask = shown.attribute(".live", "data-live").remove(0);
    let answer = reader.open(&ask).await;
    assert!(
        answer.html.contains("Live on 1 of 1 gateway."),
        "{}",
        answer.html
    );
}
