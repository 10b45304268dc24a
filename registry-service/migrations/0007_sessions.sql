-- People see their log-ins, and pages keep theirs alive by using them.
alter table session add column used_at bigint;
-- How the browser or program called itself when it logged in.
alter table session add column agent text;
create index session_by_admin on session (admin_id);

-- Browsers that a developer has logged in with before. Each has its own allowance of attempts, so that
-- nobody can lock a developer out by guessing.
create table device (
    digest text primary key,
    developer_id text not null references developer (developer_id) on delete cascade,
    created_at bigint not null,
    expires_at bigint not null
);
create index device_by_developer on device (developer_id);

-- Addresses that developers want instead of theirs, until the mailed link is followed; one for each.
create table email_change (
    developer_id text primary key references developer (developer_id) on delete cascade,
    digest text not null unique,
    email text not null,
    created_at bigint not null,
    expires_at bigint not null
);
