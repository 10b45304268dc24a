create table admin (
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

-- Access tokens of the admin and gateway APIs; only what stands in for them is kept.
create table token (
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

create table developer (
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

-- Log-ins of browsers and of API clients; the two kinds are not interchangeable.
create table session (
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
create index session_by_developer on session (developer_id);

-- Mailed or printed links: each works once, for a while.
create table one_time_link (
    digest text primary key,
    purpose text not null check (purpose in ('verify-email', 'reset-password', 'admin-welcome')),
    developer_id text references developer (developer_id) on delete cascade,
    admin_id text references admin (admin_id) on delete cascade,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    check ((developer_id is null) <> (admin_id is null))
);

-- Mails, sent or not: without a mail server an admin reads the links here.
create table outbox_message (
    message_id text primary key,
    recipient text not null,
    -- Which mail it is, by the name of Konnect's template, such as `confirm-email-address`.
    template text not null,
    -- What the template needs, as a JSON object.
    content text not null,
    created_at bigint not null,
    sent_at bigint
);
