-- The audit says more of each write: who stood behind a token or a page, what something was before and
-- after, and which request it came with. A check cannot be changed on SQLite, so the table is made anew.
drop index audit_by_subject;
alter table audit rename to audit_before;

create table audit (
    -- The count of writes at this one: no two are alike, and it never goes back with the clock.
    write bigint primary key,
    at bigint not null,
    actor_kind text not null
        check (actor_kind in ('operator', 'token', 'admin', 'developer', 'registry')),
    -- The token, the administrator or the developer; null for the operator at the command line and
    -- the registry itself.
    actor_id text,
    -- The administrator who acted, on a page or through a token. No foreign key: they may leave.
    admin_id text,
    action text not null,
    subject_id text not null,
    -- JSON objects of what changed, as it was and as it is; null where there was or is nothing.
    was text,
    became text,
    -- The request that asked for it, and the address it came from, if a request did.
    request_id text,
    source text,
    -- The newest revision after the write.
    revision bigint not null
);

insert into audit (write, at, actor_kind, actor_id, admin_id, action, subject_id, revision)
select a.write, a.at, a.actor_kind, a.actor_id, t.admin_id, a.action, a.subject_id, a.revision
from audit_before a left join token t on a.actor_kind = 'token' and t.token_id = a.actor_id;

drop table audit_before;
create index audit_by_subject on audit (subject_id, write);
create index audit_by_admin on audit (admin_id, write);
create index audit_by_time on audit (at);

-- Administrators' browsers are remembered as developers' are.
alter table device rename to device_before;
drop index device_by_developer;

create table device (
    digest text primary key,
    developer_id text references developer (developer_id) on delete cascade,
    admin_id text references admin (admin_id) on delete cascade,
    created_at bigint not null,
    expires_at bigint not null,
    check ((developer_id is null) <> (admin_id is null))
);

insert into device (digest, developer_id, created_at, expires_at)
select digest, developer_id, created_at, expires_at from device_before;

drop table device_before;
create index device_by_developer on device (developer_id);
create index device_by_admin on device (admin_id);
