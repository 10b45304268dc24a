-- One row: where this registry's history stands.
-- Every write transaction updates it first, so there is one writer at a time on every database and
-- the order of commits is the order of revisions.
create table registry (
    one bigint primary key check (one = 1),
    -- Changes when history is broken: a restore, or removals forgotten.
    epoch text not null,
    -- The newest revision any gateway can see.
    revision bigint not null check (revision >= 0),
    -- How many writes there were, whether a gateway sees them or not.
    writes bigint not null check (writes >= 0),
    created_at bigint not null
);

-- What gateways are told about, one row for each thing that ever was: the revision at which it last
-- changed. A row whose entity is gone says that it was removed, so rows are never deleted within an
-- epoch and no foreign key points away from here.
create table change (
    kind text not null check (kind in ('service', 'application', 'credential')),
    entity_id text not null,
    revision bigint not null unique,
    primary key (kind, entity_id)
);
create index change_by_kind on change (kind, revision);

-- Who did what: one row for each write, in its transaction. Names no key and no digest.
create table audit (
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
create index audit_by_subject on audit (subject_id, write);
