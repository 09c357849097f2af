select
    account_id,
    descriptive_name as account_name,
    status,
    currency_code as account_currency,
    time_zone as timezone,
    auto_tagging_enabled,
    tracking_url_template,
    final_url_suffix,
    manager as is_manager,
    test_account as is_test,
    _unlisted_since as unlisted_since
from {{ source('raw_google_ads', 'accounts') }}
