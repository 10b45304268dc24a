-- What product owners write about a product, as a tree. A parent is of the same product: there is one
-- writer at a time, so the registry can see to it that no document comes to be beneath itself.
create table document (
    document_id text primary key,
    api_product_id text not null references api_product (api_product_id) on delete cascade,
    parent_document_id text references document (document_id) on delete cascade,
    slug text not null,
    title text not null,
    status text not null check (status in ('published', 'unpublished')),
    -- Orders documents beneath the same one; equal positions stand in the order they were made.
    position bigint not null check (position >= 0),
    -- Markdown.
    content text not null,
    created_at bigint not null,
    updated_at bigint not null,
    unique (api_product_id, slug)
);
create index document_by_parent on document (parent_document_id);

-- The OpenAPI document of a version, as it was sent: what is shown of it is read from it anew.
create table specification (
    specification_id text primary key,
    product_version_id text not null unique references product_version (product_version_id) on delete cascade,
    name text not null,
    content text not null,
    created_at bigint not null,
    updated_at bigint not null
);
