-- Start and end come as the account's own wall clock without a zone; 2037-12-30 stands for no end.
select
    campaigns.account_id,
    campaigns.campaign_id,
    campaigns.name as campaign_name,
    campaigns.status,
    campaigns.status as configured_status,
    campaigns.primary_status as serving_status,
    campaigns.advertising_channel_type as campaign_type,
    campaigns.advertising_channel_sub_type as campaign_sub_type,
    null::text as objective,
    campaigns.bidding_strategy_type as bid_strategy,
    {{ instant_in_zone('campaigns.start_date_time', 'accounts.time_zone') }} as start_at,
    case
        when campaigns.end_date_time not like '2037-12-30%'
            then {{ instant_in_zone('campaigns.end_date_time', 'accounts.time_zone') }}
    end as end_at,
    case when campaigns.budget_kind = 'daily' then campaigns.budget end as daily_budget,
    case when campaigns.budget_kind = 'total' then campaigns.budget end as lifetime_budget,
    null::timestamptz as created_at,
    null::timestamptz as updated_at,
    campaigns._unlisted_since as unlisted_since,
    campaigns.primary_status_reasons as serving_status_reasons,
    campaigns.portfolio_bidding_strategy_id,
    coalesce(nullif(campaigns.target_cpa, 0), nullif(campaigns.maximize_conversions_target_cpa, 0)) as target_cpa,
    coalesce(nullif(campaigns.target_roas, 0), nullif(campaigns.maximize_conversion_value_target_roas, 0))
        as target_roas,
    campaigns.budget_id,
    campaigns.budget_period,
    campaigns.budget_shared as is_budget_shared,
    campaigns.target_google_search as targets_google_search,
    campaigns.target_search_network as targets_search_network,
    campaigns.target_content_network as targets_content_network,
    campaigns.positive_geo_target_type,
    campaigns.tracking_url_template,
    campaigns.final_url_suffix
from {{ source('raw_google_ads', 'campaigns') }} as campaigns
left join {{ source('raw_google_ads', 'accounts') }} as accounts
    on campaigns.account_id = accounts.account_id
