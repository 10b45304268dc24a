-- What a form carried that may be sent once only: a page that shows a key must not make another one
-- when it is reloaded.
create table spent_form (
    form_id text primary key,
    spent_at bigint not null
);
create index spent_form_by_time on spent_form (spent_at);
