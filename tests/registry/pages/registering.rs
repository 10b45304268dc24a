//! From the catalogue to an application that may call.

use serde_json::json;

use crate::desk::Desk;
use crate::pages::{ADA, developer, version_path};

async fn approve_at_once(desk: &Desk, portal: &str) {
    let body = json!({"auto_approve_applications": true});
    desk.patch(&format!("/v2/portals/{portal}"), body).await;
}

#[tokio::test]
async fn an_application_is_made_in_the_same_flow_and_approved_at_once() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    approve_at_once(&desk, &published.portal).await;
    let mut reader = developer(&desk, ADA).await;
    let register = format!("{}/register", version_path(&published));
    let page = reader.open(&register).await;
    let fields = [("application", "new"), ("name", "Weather")];
    let page = reader.send(&page, &register, &fields).await;
    assert_eq!(page.all("h1"), ["Weather"]);
    assert_eq!(page.all(".badge.approved"), ["Approved"]);
}

#[tokio::test]
async fn a_request_waits_with_its_message_and_a_rejection_shows_its_reason() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut reader = developer(&desk, ADA).await;
    let register = format!("{}/register", version_path(&published));
    let page = reader.open(&register).await;
    let fields = [
        ("application", "new"),
        ("name", "Weather"),
        ("message", "For\r\nfun"),
    ];
    let page = reader.send(&page, &register, &fields).await;
    assert_eq!(page.all(".badge.pending"), ["Pending"]);
    assert!(page.text().contains("You wrote: For fun"));
    let portal = format!("/v2/portals/{}", published.portal);
    let pending = desk
        .get(&format!("{portal}/application-registrations"))
        .await;
    let pending = pending["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("{portal}{}/registrations/{pending}", page.path);
    let body = json!({"status": "rejected", "reason": "Not this year"});
    desk.patch(&path, body).await;
    let page = reader.open(&page.path).await;
    assert_eq!(page.all(".badge.rejected"), ["Rejected"]);
    assert!(page.text().contains("Reason: Not this year"));
}

#[tokio::test]
async fn there_is_no_register_where_registration_is_off() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut reader = developer(&desk, ADA).await;
    let path = version_path(&published);
    assert!(reader.open(&path).await.offers("Register"));
    let publication = format!(
        "/v2/portals/{}/product-versions/{}",
        published.portal, published.version
    );
    let body = json!({"application_registration_enabled": false});
    desk.patch(&publication, body).await;
    let page = reader.open(&path).await;
    assert!(!page.offers("Register"));
    assert!(page.text().contains("takes no registrations"));
    let page = reader.open(&format!("{path}/register")).await;
    assert!(!page.offers("Request access"), "{}", page.text());
    assert!(page.text().contains("takes no registrations"));
}

#[tokio::test]
async fn a_reference_id_that_is_taken_is_refused_at_its_field_and_nothing_is_made() {
    let desk = Desk::on_sqlite().await;
    let published = desk.publish().await;
    let mut reader = developer(&desk, ADA).await;
    let fields = [("name", "One"), ("reference_id", "weather")];
    let page = reader.open("/applications/new").await;
    let page = reader.send(&page, "/applications/new", &fields).await;
    assert_eq!(page.all("h1"), ["One"]);
    let register = format!("{}/register", version_path(&published));
    let page = reader.open(&register).await;
    let fields = [
        ("application", "new"),
        ("name", "Two"),
        ("reference_id", "weather"),
    ];
    let page = reader.send(&page, &register, &fields).await;
    assert_eq!(page.status, 422);
    let expected = "Another application has this reference id already.";
    assert_eq!(page.all("#reference_id-error"), [expected]);
    assert_eq!(page.attribute("#name", "value"), ["Two"]);
    assert_eq!(reader.open("/applications").await.all(".tile h2"), ["One"]);
}

#[tokio::test]
async fn another_developers_application_is_as_missing_as_none() {
    let desk = Desk::on_sqlite().await;
    let mut ada = developer(&desk, ADA).await;
    desk.publish().await;
    let page = ada.open("/applications/new").await;
    let own = ada
        .send(&page, "/applications/new", &[("name", "Mine")])
        .await;
    let mut eve = developer(&desk, "eve@example.test").await;
    let missing = "/applications/00000000-0000-4000-8000-000000000000";
    for suffix in ["", "/edit", "/delete", "/credentials/new"] {
        let others = eve.open(&format!("{}{suffix}", own.path)).await;
        let none = eve.open(&format!("{missing}{suffix}")).await;
        assert_eq!(others.status, 404, "{suffix}");
        let read = "h1, main p:not(.hint)";
        assert_eq!(others.all(read), none.all(read));
    }
}

#[tokio::test]
async fn the_catalogue_is_searched_and_says_what_to_do_when_it_is_empty() {
    let desk = Desk::on_sqlite().await;
    let mut reader = developer(&desk, ADA).await;
    assert!(
        reader
            .open("/")
            .await
            .text()
            .contains("Nothing is published yet")
    );
    desk.publish().await;
    assert_eq!(reader.open("/?q=moc").await.all(".tile h2"), ["Mock"]);
    let page = reader.open("/?q=%3Cb%3E").await;
    assert!(
        page.text().contains("Nothing is called like “<b>”"),
        "{}",
        page.text()
    );
}
