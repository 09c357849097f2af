select
    facts.client_id,
    facts.platform,
    facts.account_id,
    account.name as account_name,
    facts.campaign_id,
    campaign.campaign_name,
    named.campaign_name as campaign_name_on_day,
    campaign.campaign_type,
    campaign.objective,
    campaign.status as campaign_status,
    facts.date_day,
    facts.date_basis,
    facts.account_timezone,
    facts.impressions,
    facts.clicks,
    facts.link_clicks,
    facts.conversions,
    facts.account_currency,
    facts.spend,
    facts.conversions_value,
    facts.reporting_currency,
    facts.spend_reporting,
    facts.conversions_value_reporting,
    facts.fx_reason,
    facts.attribution_setting,
    facts.conversion_date_basis,
    facts.purchases,
    facts.purchases_value,
    facts.purchases_value_reporting,
    facts.leads,
    facts.clicks::numeric / nullif(facts.impressions, 0) as ctr,
    facts.conversions / nullif(facts.clicks, 0) as conversion_rate,
    facts.spend / nullif(facts.clicks, 0) as cpc,
    facts.spend * 1000 / nullif(facts.impressions, 0) as cpm,
    facts.spend / nullif(facts.conversions, 0) as cost_per_conversion,
    facts.conversions_value / nullif(facts.spend, 0) as roas,
    facts.spend / nullif(facts.purchases, 0) as cost_per_purchase,
    facts.purchases_value / nullif(facts.spend, 0) as purchase_roas,
    facts.spend / nullif(facts.leads, 0) as cost_per_lead,
    facts.spend_reporting / nullif(facts.clicks, 0) as cpc_reporting,
    facts.spend_reporting * 1000 / nullif(facts.impressions, 0) as cpm_reporting,
    facts.spend_reporting / nullif(facts.conversions, 0) as cost_per_conversion_reporting,
    facts.finalizes_on,
    facts.finalizes_on <= {{ day_in_zone('ops.platform_now()', 'facts.account_timezone') }} as is_final
from {{ ref('fct_campaign_performance_daily') }} as facts
left join {{ ref('dim_account') }} as account
    on
        facts.client_id = account.client_id
        and facts.platform = account.platform
        and facts.account_id = account.account_id
left join {{ ref('dim_campaign') }} as campaign
    on
        facts.client_id = campaign.client_id
        and facts.platform = campaign.platform
        and facts.account_id = campaign.account_id
        and facts.campaign_id = campaign.campaign_id
left join {{ ref('dim_campaign_history') }} as named
    on
        facts.client_id = named.client_id
        and facts.platform = named.platform
        and facts.account_id = named.account_id
        and facts.campaign_id = named.campaign_id
        and facts.date_day >= named.valid_from_day
        and facts.date_day < coalesce(named.valid_to_day, 'infinity')
