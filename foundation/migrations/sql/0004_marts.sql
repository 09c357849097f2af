comment on column ops.account_day.report_versions is
    '{"campaign_daily": 3, ...}: version in ops.load_ledger of each report that the account-day consists of: all the
required ones, and those of the optional ones that were read to their end.';
