-- Whether the pending account-day tells conversions by action, and whether the client's rules replace the total of a
-- platform that has a total of its own (Google Ads, LinkedIn).
select
    pending.client_id,
    pending.platform,
    pending.account_id,
    pending.date_day,
    pending.platform in ('meta_ads', 'tiktok_ads')
    or coalesce({{ has_report('account_day.report_versions', 'conversion_daily') }}, false) as has_actions,
    pending.platform in ('google_ads', 'linkedin_ads') and not exists (
        select 1
        from {{ source('raw_registry', 'conversion_rule') }} as rule
        where
            rule.client_id = pending.client_id
            and rule.platform = pending.platform
            and rule.sets_headline
            and pending.date_day >= rule.active_from
            and (rule.active_to is null or pending.date_day <= rule.active_to)
    ) as uses_platform_total
from {{ source('ops', 'pending_account_day') }} as pending
left join {{ source('ops', 'account_day') }} as account_day
    on
        pending.client_id = account_day.client_id
        and pending.platform = account_day.platform
        and pending.account_id = account_day.account_id
        and pending.date_day = account_day.date_day
