-- Whether an application gets its first key when it is made, as Kong Gateway's portal did.
alter table auth_strategy add column default_credential bigint not null default 0
    check (default_credential in (0, 1));
