create table application (
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
create index application_by_developer on application (developer_id);
create index application_by_auth_strategy on application (auth_strategy_id);

-- Free groups, which an acl is about; approvals are registrations and never mix with these.
create table application_group (
    application_id text not null references application (application_id),
    name text not null,
    primary key (application_id, name)
);

create table registration (
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
create index registration_by_product_version on registration (product_version_id);

create table credential (
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
create index credential_by_application on credential (application_id);

-- Digests of keys that were withdrawn: a revoked value never comes back.
create table spent_key (
    digest text primary key,
    spent_at bigint not null
);
