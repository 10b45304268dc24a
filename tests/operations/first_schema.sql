-- A registry as the first schema (migrations 1 to 4) kept it, with one of each thing. Never edited: it
-- holds the checksums of those migrations, too.
pragma foreign_keys = off;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'history','2025-01-01 00:00:00',1,X'605DAFC27AE185FBACE4B2462036A0CF230347BA436BFDC58BE6219AF752F0B953DFBE6193A191B5556D02D878DCC49F',0);
INSERT INTO "_sqlx_migrations" VALUES(2,'people','2025-01-01 00:00:00',1,X'D89110E957911B222EC6B53640A5D90889991A0EF12814DC8DBF8E996DD2389683B904807F89C08EF388BC4539257AF2',0);
INSERT INTO "_sqlx_migrations" VALUES(3,'catalogue','2025-01-01 00:00:00',1,X'81D09831A3195FFCCE5710A6BDFA2B5BEB1971374B656E42AFFFAC407C4A2F30A5CE14E15EFB510850B6C3A99BD6E0C7',0);
INSERT INTO "_sqlx_migrations" VALUES(4,'applications','2025-01-01 00:00:00',1,X'0B6E2CB287A5F06993F1B852AEA7E3BA8419F7EA54161BD7475062C669DA4BAC1059527E5A4C9185A3B463705DAE74C7',0);
CREATE TABLE admin (
    admin_id text primary key,
    email text not null,
    -- The address as it is compared: lower case.
    email_key text not null unique,
    role text not null check (role in ('owner', 'operator')),
    -- argon2id in the PHC string format; null until the one-time link was used.
    password_hash text,
    created_at bigint not null,
    updated_at bigint not null
);
INSERT INTO "admin" VALUES('00000000-0000-4000-8000-000000000002','old@example.com','old@example.com','owner',NULL,1735689600000,1735689600000);
CREATE TABLE api_product (
    api_product_id text primary key,
    name text not null unique,
    -- The name as it is searched: lower case.
    name_key text not null,
    description text,
    -- JSON objects of text to text.
    labels text not null,
    public_labels text not null,
    created_at bigint not null,
    updated_at bigint not null
);
INSERT INTO "api_product" VALUES('00000000-0000-4000-8000-000000000008','Weather','weather',NULL,'{}','{}',1735689600000,1735689600000);
CREATE TABLE application (
    application_id text primary key,
    -- Null for an application an admin declared, such as a service's anonymous one.
    developer_id text references developer (developer_id),
    -- Null only for an application an admin declared.
    auth_strategy_id text references auth_strategy (auth_strategy_id),
    name text not null,
    name_key text not null,
    description text,
    redirect_uri text,
    reference_id text unique,
    suspended_at bigint,
    created_at bigint not null,
    updated_at bigint not null
);
INSERT INTO "application" VALUES('00000000-0000-4000-8000-000000000012','00000000-0000-4000-8000-000000000005','00000000-0000-4000-8000-000000000006','Umbrella','umbrella',NULL,NULL,'umbrella-1',NULL,1735689600000,1735689600000);
CREATE TABLE application_group (
    application_id text not null references application (application_id),
    name text not null,
    primary key (application_id, name)
);
CREATE TABLE audit (
    -- The count of writes at this one: no two are alike, and it never goes back with the clock.
    write bigint primary key,
    at bigint not null,
    actor_kind text not null check (actor_kind in ('operator', 'token', 'developer', 'registry')),
    -- The token or the developer; null for the operator at the command line and the registry itself.
    actor_id text,
    action text not null,
    subject_id text not null,
    -- The newest revision after the write.
    revision bigint not null
);
INSERT INTO "audit" VALUES(1,1735689600000,'operator',NULL,'admin.create','00000000-0000-4000-8000-000000000002',0);
INSERT INTO "audit" VALUES(2,1735689600000,'token','00000000-0000-4000-8000-000000000003','credential.add','00000000-0000-4000-8000-000000000014',3);
CREATE TABLE auth_strategy (
    auth_strategy_id text primary key,
    name text not null unique,
    display_name text not null,
    strategy_type text not null check (strategy_type in ('key_auth')),
    -- A JSON array of names, in the order they are looked for.
    key_names text not null,
    -- How long a new key lives; changing it leaves issued keys alone.
    ttl_value bigint check (ttl_value > 0),
    ttl_unit text check (ttl_unit in ('days', 'weeks', 'years')),
    created_at bigint not null,
    updated_at bigint not null,
    check ((ttl_value is null) = (ttl_unit is null))
);
INSERT INTO "auth_strategy" VALUES('00000000-0000-4000-8000-000000000006','keys','Keys','key_auth','["apikey"]',NULL,NULL,1735689600000,1735689600000);
CREATE TABLE change (
    kind text not null check (kind in ('service', 'application', 'credential')),
    entity_id text not null,
    revision bigint not null unique,
    primary key (kind, entity_id)
);
INSERT INTO "change" VALUES('service','00000000-0000-4000-8000-000000000011',1);
INSERT INTO "change" VALUES('application','00000000-0000-4000-8000-000000000012',2);
INSERT INTO "change" VALUES('credential','00000000-0000-4000-8000-000000000014',3);
INSERT INTO "change" VALUES('credential','00000000-0000-4000-8000-000000000015',4);
CREATE TABLE credential (
    credential_id text primary key,
    application_id text not null references application (application_id),
    display_name text not null,
    -- What stands in for the key: lower-case hex of its SHA-256.
    digest text not null unique,
    -- How the key begins and ends, for people who hold several; empty where only a digest was imported.
    prefix text not null,
    last_four text not null,
    expires_at bigint,
    suspended_at bigint,
    last_used_at bigint,
    created_at bigint not null,
    updated_at bigint not null
);
INSERT INTO "credential" VALUES('00000000-0000-4000-8000-000000000014','00000000-0000-4000-8000-000000000012','old key','fbe77a10954836b655bc8595dcfc178738f29c32a8d7c410baf3fede937e2f2e','ks_f','irst',NULL,NULL,NULL,1735689600000,1735689600000);
CREATE TABLE developer (
    developer_id text primary key,
    email text not null,
    -- The address as it is compared: lower case. Kept by rejected and revoked developers.
    email_key text not null unique,
    full_name text not null,
    status text not null check (status in ('unverified', 'pending', 'approved', 'rejected', 'revoked')),
    -- argon2id in the PHC string format; null until the developer has set one.
    password_hash text,
    created_at bigint not null,
    updated_at bigint not null
);
INSERT INTO "developer" VALUES('00000000-0000-4000-8000-000000000005','ada@example.com','ada@example.com','Ada','approved',NULL,1735689600000,1735689600000);
CREATE TABLE one_time_link (
    digest text primary key,
    purpose text not null check (purpose in ('verify-email', 'reset-password', 'admin-welcome')),
    developer_id text references developer (developer_id) on delete cascade,
    admin_id text references admin (admin_id) on delete cascade,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    check ((developer_id is null) <> (admin_id is null))
);
CREATE TABLE outbox_message (
    message_id text primary key,
    recipient text not null,
    -- Which mail it is, by the name of Konnect's template, such as `confirm-email-address`.
    template text not null,
    -- What the template needs, as a JSON object.
    content text not null,
    created_at bigint not null,
    sent_at bigint
);
CREATE TABLE portal (
    one bigint primary key check (one = 1),
    portal_id text not null unique,
    name text not null,
    description text,
    is_public bigint not null check (is_public in (0, 1)),
    rbac_enabled bigint not null check (rbac_enabled in (0, 1)),
    auto_approve_developers bigint not null check (auto_approve_developers in (0, 1)),
    auto_approve_applications bigint not null check (auto_approve_applications in (0, 1)),
    -- Whether keys of a revoked developer go on working, as they do in Konnect.
    revoke_keeps_traffic bigint not null check (revoke_keeps_traffic in (0, 1)),
    default_auth_strategy_id text references auth_strategy (auth_strategy_id),
    created_at bigint not null,
    updated_at bigint not null
);
INSERT INTO "portal" VALUES(1,'00000000-0000-4000-8000-000000000007','Old portal',NULL,0,0,0,0,0,'00000000-0000-4000-8000-000000000006',1735689600000,1735689600000);
CREATE TABLE product_version (
    product_version_id text primary key,
    api_product_id text not null references api_product (api_product_id),
    name text not null,
    name_key text not null,
    deprecated bigint not null check (deprecated in (0, 1)),
    created_at bigint not null,
    updated_at bigint not null,
    unique (api_product_id, name)
);
INSERT INTO "product_version" VALUES('00000000-0000-4000-8000-000000000009','00000000-0000-4000-8000-000000000008','v1','v1',0,1735689600000,1735689600000);
CREATE TABLE publication (
    publication_id text primary key,
    product_version_id text not null unique references product_version (product_version_id),
    publish_status text not null check (publish_status in ('published', 'unpublished')),
    application_registration_enabled bigint not null check (application_registration_enabled in (0, 1)),
    auto_approve_registration bigint not null check (auto_approve_registration in (0, 1)),
    -- None closes the version: its service admits nobody.
    auth_strategy_id text references auth_strategy (auth_strategy_id),
    created_at bigint not null,
    updated_at bigint not null
);
INSERT INTO "publication" VALUES('00000000-0000-4000-8000-000000000010','00000000-0000-4000-8000-000000000009','published',1,0,'00000000-0000-4000-8000-000000000006',1735689600000,1735689600000);
CREATE TABLE registration (
    registration_id text primary key,
    application_id text not null references application (application_id),
    product_version_id text not null references product_version (product_version_id),
    status text not null check (status in ('pending', 'approved', 'rejected', 'revoked')),
    -- What the developer said with the request, and the admin with the answer.
    message text,
    reason text,
    created_at bigint not null,
    updated_at bigint not null,
    unique (application_id, product_version_id)
);
INSERT INTO "registration" VALUES('00000000-0000-4000-8000-000000000013','00000000-0000-4000-8000-000000000012','00000000-0000-4000-8000-000000000009','approved',NULL,NULL,1735689600000,1735689600000);
CREATE TABLE registry (
    one bigint primary key check (one = 1),
    -- Changes when history is broken: a restore, or removals forgotten.
    epoch text not null,
    -- The newest revision any gateway can see.
    revision bigint not null check (revision >= 0),
    -- How many writes there were, whether a gateway sees them or not.
    writes bigint not null check (writes >= 0),
    created_at bigint not null
);
INSERT INTO "registry" VALUES(1,'00000000-0000-4000-8000-000000000001',4,9,1735689600000);
CREATE TABLE service (
    service_id text primary key,
    name text not null unique,
    product_version_id text unique references product_version (product_version_id),
    -- The public URL that pages print in examples.
    proxy_url text,
    -- A JSON array of names; null means those of the auth strategy.
    key_names text,
    key_in_header bigint not null check (key_in_header in (0, 1)),
    key_in_query bigint not null check (key_in_query in (0, 1)),
    key_in_body bigint not null check (key_in_body in (0, 1)),
    hide_credentials bigint not null check (hide_credentials in (0, 1)),
    -- No foreign key: an application that is gone counts as none, without touching the service.
    anonymous text,
    run_on_preflight bigint not null check (run_on_preflight in (0, 1)),
    realm text,
    value_prefix text,
    acl_rule text check (acl_rule in ('allow', 'deny')),
    -- A JSON array of group names.
    acl_groups text,
    hide_groups_header bigint not null check (hide_groups_header in (0, 1)),
    is_public bigint not null check (is_public in (0, 1)),
    created_at bigint not null,
    updated_at bigint not null,
    check ((acl_rule is null) = (acl_groups is null))
);
INSERT INTO "service" VALUES('00000000-0000-4000-8000-000000000011','weather-v1','00000000-0000-4000-8000-000000000009',NULL,NULL,1,1,0,1,NULL,1,NULL,NULL,NULL,NULL,0,0,1735689600000,1735689600000);
CREATE TABLE session (
    digest text primary key,
    kind text not null check (kind in ('page', 'access', 'refresh')),
    developer_id text references developer (developer_id) on delete cascade,
    admin_id text references admin (admin_id) on delete cascade,
    created_at bigint not null,
    used_at bigint not null,
    -- When the password was last given: making a secret wants that to be recent.
    authenticated_at bigint not null,
    expires_at bigint not null,
    check ((developer_id is null) <> (admin_id is null))
);
CREATE TABLE spent_key (
    digest text primary key,
    spent_at bigint not null
);
INSERT INTO "spent_key" VALUES('2bca7147aeb0a73969e3a3860d787f10e580bf5dc7c04808dd02c13e7940ff9c',1735689600000);
CREATE TABLE token (
    token_id text primary key,
    admin_id text not null references admin (admin_id) on delete cascade,
    name text not null,
    digest text not null unique,
    -- Separated by spaces, as in RFC 6749, section 3.3.
    scopes text not null check (scopes <> ''),
    created_at bigint not null,
    expires_at bigint,
    revoked_at bigint
);
INSERT INTO "token" VALUES('00000000-0000-4000-8000-000000000003','00000000-0000-4000-8000-000000000002','old','01e0d0c810625618b4ca55f96e726aa58a5d2e7059a2d74d1d0677424cdd0648','admin',1735689600000,NULL,NULL);
INSERT INTO "token" VALUES('00000000-0000-4000-8000-000000000004','00000000-0000-4000-8000-000000000002','old gateway','7363a0725ca02c88db237e38e1534e2fea7e629c833bc09a08e3eda0c1b06fd2','gateway',1735689600000,NULL,NULL);
CREATE INDEX change_by_kind on change (kind, revision);
CREATE INDEX audit_by_subject on audit (subject_id, write);
CREATE INDEX session_by_developer on session (developer_id);
CREATE INDEX publication_by_auth_strategy on publication (auth_strategy_id);
CREATE INDEX application_by_developer on application (developer_id);
CREATE INDEX application_by_auth_strategy on application (auth_strategy_id);
CREATE INDEX registration_by_product_version on registration (product_version_id);
CREATE INDEX credential_by_application on credential (application_id);
COMMIT;
