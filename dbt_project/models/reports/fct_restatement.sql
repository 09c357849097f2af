-- Of each platform the campaign level; the others tell the same change once more. Instagram has accounts only.
with told_once as (
    select
        platform,
        report
    from {{ source('ops', 'report_definition') }}
    where required and level = case when platform = 'instagram' then 'account' else 'campaign' end
),

changed as (
    select
        registered.client_id,
        restatement.platform,
        restatement.account_id,
        restatement.date_day,
        restatement.report,
        restatement.metric,
        restatement.old_value,
        restatement.new_value,
        restatement.difference,
        restatement.new_version,
        restatement.detected_at,
        registered.timezone as account_timezone,
        restatement.date_day + coalesce(registered.restatement_days, platform_rule.restatement_days) as finalizes_on
    from {{ source('ops', 'restatement') }} as restatement
    inner join told_once
        on restatement.platform = told_once.platform and restatement.report = told_once.report
    inner join {{ source('ops', 'platform_rule') }} as platform_rule
        on restatement.platform = platform_rule.platform
    inner join {{ source('raw_registry', 'account') }} as registered
        on
            restatement.platform = registered.platform
            and restatement.account_id = registered.account_id
            and restatement.date_day between registered.active_from and coalesce(registered.active_to, 'infinity')
)

select
    changed.client_id,
    changed.platform,
    changed.account_id,
    changed.date_day,
    changed.metric,
    changed.old_value,
    changed.new_value,
    changed.difference,
    trim_scale(round(changed.difference / nullif(changed.old_value, 0), 6)) as share,
    changed.detected_at,
    (changed.detected_at at time zone changed.account_timezone)::date - changed.date_day as age_days,
    analytics.is_final(changed.finalizes_on + 1, changed.account_timezone, changed.detected_at) as after_window,
    coalesce(publication.was_published, false) as was_published,
    publication.published_at
from changed
-- Versions ask no clock: they tell before and after also where clocks jumped. Only old publications lack them.
left join lateral (
    select
        bool_or(
            coalesce(
                (published_day.report_versions ->> changed.report)::int < changed.new_version,
                published_day.published_at < changed.detected_at
            )
        ) as was_published,
        min(published_day.published_at) filter (
            where (published_day.report_versions ->> changed.report)::int >= changed.new_version
        ) as published_at
    from {{ source('ops', 'published_day') }} as published_day
    where
        published_day.client_id = changed.client_id
        and published_day.platform = changed.platform
        and published_day.account_id = changed.account_id
        and published_day.date_day = changed.date_day
) as publication on true
