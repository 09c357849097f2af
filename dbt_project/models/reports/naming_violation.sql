with naming as (
    select * from {{ ref('object_naming') }}
    where violations_found > 0
),

recent as (
    select
        client.client_id,
        client.reporting_currency,
        ({{ platform_now() }} at time zone client.timezone)::date - 30 as since,
        ({{ platform_now() }} at time zone client.timezone)::date - 1 as until
    from {{ ref('dim_client') }} as client
),

spent as (
    select
        client_id,
        platform,
        account_id,
        'campaign' as level,
        campaign_id,
        '' as ad_group_id,
        '' as ad_id,
        date_day,
        spend,
        spend_reporting,
        reporting_currency
    from {{ ref('fct_campaign_performance_daily') }}
    union all
    select
        ads.client_id,
        ads.platform,
        ads.account_id,
        levels.level,
        ads.campaign_id,
        ads.ad_group_id,
        case levels.level when 'ad' then ads.ad_id else '' end as ad_id,
        ads.date_day,
        ads.spend,
        ads.spend_reporting,
        ads.reporting_currency
    from {{ ref('fct_ad_performance_daily') }} as ads
    cross join (values ('ad_group'), ('ad')) as levels (level)
),

recent_spend as (
    select
        spent.client_id,
        spent.platform,
        spent.account_id,
        spent.level,
        spent.campaign_id,
        spent.ad_group_id,
        spent.ad_id,
        case
            when
                count(*) filter (
                    where spent.spend <> 0
                    and (spent.spend_reporting is null or spent.reporting_currency <> recent.reporting_currency)
                ) = 0
                then coalesce(sum(spent.spend_reporting), 0)
        end as spend_reporting
    from spent
    inner join recent
        on spent.client_id = recent.client_id and spent.date_day between recent.since and recent.until
    group by
        spent.client_id,
        spent.platform,
        spent.account_id,
        spent.level,
        spent.campaign_id,
        spent.ad_group_id,
        spent.ad_id
)

select
    naming.client_id,
    naming.platform,
    naming.account_id,
    naming.level,
    naming.campaign_id,
    naming.ad_group_id,
    naming.ad_id,
    naming.object_name,
    broken.rule,
    broken.part,
    broken.found,
    broken.allowed,
    case when recent_spend.client_id is null then 0 else recent_spend.spend_reporting end as spend_last_30_days,
    recent.reporting_currency
from naming
cross join lateral jsonb_to_recordset(naming.violations) as broken (rule text, part text, found text, allowed text)
inner join recent
    on naming.client_id = recent.client_id
left join recent_spend
    on
        naming.client_id = recent_spend.client_id
        and naming.platform = recent_spend.platform
        and naming.account_id = recent_spend.account_id
        and naming.level = recent_spend.level
        and naming.campaign_id = recent_spend.campaign_id
        and coalesce(naming.ad_group_id, '') = recent_spend.ad_group_id
        and coalesce(naming.ad_id, '') = recent_spend.ad_id
