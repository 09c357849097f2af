-- Why a certificate differs, in a code that a page can count, and under which ids the platform knows the calls.
alter table ops.load_ledger add column request_ids text[] not null default '{}';
alter table ops.load_ledger add column total_moved boolean not null default false;
comment on column ops.load_ledger.request_ids is
    'The platform''s own ids of the newest calls (at most 5) that the report''s rows of this reading came from.';
comment on column ops.load_ledger.total_moved is
    'The account total differed between the call before and the call after the detail; the detail lay between them.';

alter table ops.certificate add column reason_code text check (
    reason_code in (
        'restated_between_calls', 'attribution_setting', 'deleted_entity', 'time_zone', 'no_ad_level', 'currency',
        'incomplete_page', 'unexplained'
    )
);
alter table ops.certificate add column control_request_ids text[] not null default '{}';
alter table ops.certificate add column detail_request_ids text[] not null default '{}';
comment on column ops.certificate.reason_code is
    'Cause of the difference: of every held row, and of a certified one whose difference is known and allowed; else null.';
comment on column ops.certificate.control_request_ids is
    'The platform''s ids of the calls that platform_total came from, as of read_at.';
comment on column ops.certificate.detail_request_ids is
    'The platform''s ids of the calls that the rows behind warehouse_total came from, as of read_at.';
