-- What somebody typed into a form before they had to log in again: it waits with the session for the
-- page of the form, which takes it.
create table kept_form (
    digest text primary key references session (digest) on delete cascade,
    path text not null,
    -- A JSON array of pairs of name and value; no passwords and no keys.
    fields text not null,
    kept_at bigint not null
);
