-- Mails are sent in the background, by whichever replica claims one first.
alter table outbox_message add column attempts bigint not null default 0;
-- When it is tried next; while it is being sent, when another replica may. Null once it was sent or
-- withdrawn, nobody tries any more, or it was written before there was anybody to send it.
alter table outbox_message add column due_at bigint;
-- What the last attempt failed with.
alter table outbox_message add column last_error text;
-- When nobody tried any more.
alter table outbox_message add column given_up_at bigint;
create index outbox_message_by_due on outbox_message (due_at);

-- Which ends of which keys were mailed about. A key whose end moves is written about again.
create table reminder (
    credential_id text not null references credential (credential_id) on delete cascade,
    kind text not null check (kind in ('soon', 'over')),
    expires_at bigint not null,
    reminded_at bigint not null,
    primary key (credential_id, kind, expires_at)
);
create index credential_by_end on credential (expires_at);
