-- Sessions of one log-in end together, and a refresh session is spent when it is exchanged. Nothing
-- has written a session before this migration.
drop table session;

create table session (
    digest text primary key,
    kind text not null check (kind in ('page', 'access', 'refresh')),
    -- The log-in it belongs to: the page or the API client that the password was given to.
    login_id text not null,
    developer_id text references developer (developer_id) on delete cascade,
    admin_id text references admin (admin_id) on delete cascade,
    created_at bigint not null,
    -- When the password was last given: making a secret wants that to be recent.
    authenticated_at bigint not null,
    -- A spent one is kept until it expires: whoever presents it again should not have it.
    spent_at bigint,
    expires_at bigint not null,
    check ((developer_id is null) <> (admin_id is null)),
    check (spent_at is null or kind = 'refresh')
);
create index session_by_developer on session (developer_id);
create index session_by_login on session (login_id);
