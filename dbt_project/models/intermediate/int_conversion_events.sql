-- What the platforms count as an event, before anybody says what it is worth. level `object`: the finest object that
-- the platform tells it for; level `campaign`: the platform's own campaign figures, where it has them beside the ads'.
with meta_ads as (
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        'object' as level,
        detail.campaign_id,
        detail.ad_group_id,
        detail.ad_id,
        detail.conversion_action_id,
        detail.conversion_action_id as conversion_action_name,
        '' as conversion_category,
        detail.channel,
        detail.attribution_window,
        detail.attribution_setting,
        detail.conversion_date_basis,
        detail.conversions,
        detail.conversions_value
    from {{ pending_rows(ref('stg_meta_ads__ad_conversions_daily'), ['account_id', 'date_day']) }}
    where pending.platform = 'meta_ads'
    union all
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        'campaign' as level,
        detail.campaign_id,
        null as ad_group_id,
        null as ad_id,
        counted.action_type as conversion_action_id,
        counted.action_type as conversion_action_name,
        '' as conversion_category,
        null as channel,
        'setting' as attribution_window,
        null as attribution_setting,
        null as conversion_date_basis,
        counted.conversions,
        counted.conversions_value
    from {{ pending_rows(ref('stg_meta_ads__campaign_daily'), ['account_id', 'date_day']) }}
    {{ meta_actions_counted('detail') }}
    where pending.platform = 'meta_ads'
),

google_ads as (
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        'object' as level,
        detail.campaign_id,
        'not-at-ad-level' as ad_group_id,
        'not-at-ad-level/' || detail.campaign_id as ad_id,
        detail.conversion_action_id,
        coalesce(detail.conversion_action_name, '') as conversion_action_name,
        coalesce(detail.conversion_category, '') as conversion_category,
        null as channel,
        booked.attribution_window,
        conversion_actions.attribution_setting,
        booked.conversion_date_basis,
        booked.conversions,
        booked.conversions_value
    from {{ pending_rows(ref('stg_google_ads__conversion_daily'), ['account_id', 'date_day']) }}
    cross join
        lateral (
            values
            ('setting', 'interaction_date', detail.conversions, detail.conversions_value),
            (
                'by_conversion_date', 'conversion_date',
                detail.conversions_by_conversion_date, detail.conversions_value_by_conversion_date
            )
        ) as booked (attribution_window, conversion_date_basis, conversions, conversions_value)
    left join {{ ref('stg_google_ads__conversion_actions') }} as conversion_actions
        on
            pending.account_id = conversion_actions.account_id
            and detail.conversion_action_id = conversion_actions.conversion_action_id
    where
        pending.platform = 'google_ads'
        and (booked.conversions <> 0 or booked.conversions_value <> 0)
),

-- Purchases and leads are metrics of both levels; every other event is told for ads only.
tiktok_ads as (
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        'object' as level,
        detail.campaign_id,
        detail.ad_group_id,
        detail.ad_id,
        counted.conversion_action_id,
        counted.channel,
        'setting' as attribution_window,
        counted.conversions,
        counted.conversions_value
    from {{ pending_rows(ref('stg_tiktok_ads__ad_daily'), ['account_id', 'date_day']) }}
    cross join
        lateral (
            {{ tiktok_purchases_and_leads('detail') }}
        ) as counted (conversion_action_id, channel, conversions, conversions_value)
    where pending.platform = 'tiktok_ads'
    union all
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        told.level,
        detail.campaign_id,
        case told.level when 'object' then detail.ad_group_id end as ad_group_id,
        case told.level when 'object' then detail.ad_id end as ad_id,
        detail.conversion_action_id,
        detail.channel,
        detail.attribution_window,
        sum(detail.conversions) as conversions,
        sum(detail.conversions_value) as conversions_value
    from {{ pending_rows(ref('stg_tiktok_ads__ad_conversions_daily'), ['account_id', 'date_day']) }}
    cross join (values ('object'), ('campaign')) as told (level)
    where
        pending.platform = 'tiktok_ads'
        and (
            detail.attribution_window <> 'setting'
            or detail.conversion_action_id not in (
                'purchase.website', 'purchase.app', 'purchase.shop', 'purchase.tiktok', 'purchase.offline',
                'form.website', 'sales_lead.app', 'form.tiktok', 'form.offline'
            )
        )
        and (told.level = 'object' or detail.attribution_window = 'setting')
    group by
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        told.level,
        detail.campaign_id,
        case told.level when 'object' then detail.ad_group_id end,
        case told.level when 'object' then detail.ad_id end,
        detail.conversion_action_id,
        detail.channel,
        detail.attribution_window
    union all
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        'campaign' as level,
        detail.campaign_id,
        null as ad_group_id,
        null as ad_id,
        counted.conversion_action_id,
        counted.channel,
        'setting' as attribution_window,
        counted.conversions,
        counted.conversions_value
    from {{ pending_rows(ref('stg_tiktok_ads__campaign_daily'), ['account_id', 'date_day']) }}
    cross join
        lateral (
            {{ tiktok_purchases_and_leads('detail') }}
        ) as counted (conversion_action_id, channel, conversions, conversions_value)
    where pending.platform = 'tiktok_ads'
),

-- LinkedIn names conversions for its campaigns (our ad groups) only, lead forms are counted for each creative.
linkedin_ads as (
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        detail.campaign_id,
        detail.ad_group_id,
        'not-at-ad-level/' || detail.ad_group_id as ad_id,
        detail.conversion_action_id,
        conversions.conversion_action_name,
        conversions.conversion_category,
        'website' as channel,
        booked.attribution_window,
        conversions.attribution_setting,
        booked.conversions,
        booked.conversions_value
    from {{ pending_rows(ref('stg_linkedin_ads__conversion_daily'), ['account_id', 'date_day']) }}
    cross join
        lateral (
            values
            ('setting', detail.conversions, detail.conversions_value),
            ('post_click', detail.post_click_conversions, null),
            ('post_view', detail.post_view_conversions, null)
        ) as booked (attribution_window, conversions, conversions_value)
    left join {{ ref('stg_linkedin_ads__conversions') }} as conversions
        on
            pending.account_id = conversions.account_id
            and detail.conversion_action_id = conversions.conversion_action_id
    where
        pending.platform = 'linkedin_ads'
        and (booked.conversions <> 0 or booked.conversions_value <> 0)
    union all
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        detail.campaign_id,
        detail.ad_group_id,
        detail.ad_id,
        'one_click_leads' as conversion_action_id,
        'Lead forms sent on LinkedIn' as conversion_action_name,
        null as conversion_category,
        'linkedin' as channel,
        'setting' as attribution_window,
        null as attribution_setting,
        detail.one_click_leads as conversions,
        0 as conversions_value
    from {{ pending_rows(ref('stg_linkedin_ads__ad_daily'), ['account_id', 'date_day']) }}
    where pending.platform = 'linkedin_ads' and detail.one_click_leads <> 0
)

select * from meta_ads
union all
select * from google_ads
union all
select
    tiktok_ads.client_id,
    tiktok_ads.platform,
    tiktok_ads.account_id,
    tiktok_ads.date_day,
    tiktok_ads.level,
    tiktok_ads.campaign_id,
    tiktok_ads.ad_group_id,
    tiktok_ads.ad_id,
    tiktok_ads.conversion_action_id,
    tiktok_ads.conversion_action_id as conversion_action_name,
    '' as conversion_category,
    tiktok_ads.channel,
    tiktok_ads.attribution_window,
    ad_groups.attribution_setting,
    'interaction_date' as conversion_date_basis,
    tiktok_ads.conversions,
    tiktok_ads.conversions_value
from tiktok_ads
left join {{ ref('stg_tiktok_ads__ad_groups') }} as ad_groups
    on tiktok_ads.account_id = ad_groups.account_id and tiktok_ads.ad_group_id = ad_groups.ad_group_id
where tiktok_ads.conversions <> 0 or tiktok_ads.conversions_value <> 0
union all
select
    client_id,
    platform,
    account_id,
    date_day,
    'object' as level,
    campaign_id,
    ad_group_id,
    ad_id,
    conversion_action_id,
    coalesce(conversion_action_name, '') as conversion_action_name,
    coalesce(conversion_category, '') as conversion_category,
    channel,
    attribution_window,
    attribution_setting,
    'interaction_date' as conversion_date_basis,
    conversions,
    conversions_value
from linkedin_ads
