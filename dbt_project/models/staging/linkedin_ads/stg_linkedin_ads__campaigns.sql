-- LinkedIn's campaign groups are what other platforms call campaigns.
select
    account_id,
    campaign_group_id as campaign_id,
    name as campaign_name,
    status,
    status as configured_status,
    {{ words_of('serving_statuses') }} as serving_status,
    null::text as campaign_type,
    null::text as campaign_sub_type,
    objective_type as objective,
    null::text as bid_strategy,
    run_start_at as start_at,
    run_end_at as end_at,
    daily_budget,
    total_budget as lifetime_budget,
    created_at,
    last_modified_at as updated_at,
    _unlisted_since as unlisted_since,
    backfilled as is_backfilled,
    test as is_test
from {{ source('raw_linkedin_ads', 'campaign_groups') }}
