-- How often keys were used, as gateways reported it. Rows of a span are added up; nothing decides by
-- them and nothing points here, so that what was counted outlives what it counts until it is too old.
create table usage (
    began_at bigint not null,
    -- Five minutes, and an hour for what is older than a day.
    span_ms bigint not null,
    credential_id text not null,
    application_id text not null,
    service_id text not null,
    -- The service's when it was counted.
    product_version_id text,
    -- What the client saw; 0 if it left before.
    status bigint not null,
    -- The bucket: a bound of the protocol's list, or the one above all.
    latency bigint not null,
    requests bigint not null check (requests > 0),
    primary key (began_at, span_ms, credential_id, service_id, status, latency)
);
create index usage_by_application on usage (application_id, began_at);
create index usage_by_product_version on usage (product_version_id, began_at);

-- The last report of each virtual machine: one that comes again is not counted again.
create table usage_report (
    gateway text not null,
    vm text not null,
    sequence bigint not null,
    reported_at bigint not null,
    primary key (gateway, vm)
);
