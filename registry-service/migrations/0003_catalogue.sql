create table auth_strategy (
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

-- One row: one registry is one portal. Switches are 0 or 1, as SQLite and PostgreSQL agree on no boolean.
create table portal (
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

create table api_product (
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

create table product_version (
    product_version_id text primary key,
    api_product_id text not null references api_product (api_product_id),
    name text not null,
    name_key text not null,
    deprecated bigint not null check (deprecated in (0, 1)),
    created_at bigint not null,
    updated_at bigint not null,
    unique (api_product_id, name)
);

-- A product version as the portal shows it.
create table publication (
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
create index publication_by_auth_strategy on publication (auth_strategy_id);

-- What Envoy knows an API as.
create table service (
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
