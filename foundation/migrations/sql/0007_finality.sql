-- Whether the platform still restates a day. A plain SQL function: PostgreSQL puts it into the query that calls it.
create function analytics.is_final(finalizes_on date, account_timezone text, moment timestamptz default null)
returns boolean language sql stable as
$$ select finalizes_on <= (coalesce(moment, ops.platform_now()) at time zone account_timezone)::date $$;
comment on function analytics.is_final(date, text, timestamptz) is
    'True from the start of finalizes_on in the account''s own time zone: the platform no longer restates the day. moment:
the instant to ask for, by default the platform''s present. For any fact: analytics.is_final(finalizes_on, account_timezone).';
