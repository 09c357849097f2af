create table ops.unknown_field (
    platform text not null,
    report text not null,
    field text not null,
    example jsonb,
    account_id text not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    run_id text not null,
    primary key (platform, report, field)
);
comment on table ops.unknown_field is
    'Fields that a platform sends with a report and no definition names, one row each, with an example of their values
(account_id: where that was seen first). Their values stand in _unknown of the raw rows. Written by ingestion.';
