{# Tests of account-day keyed models. Each returns the failing account-days with a detail, only of the pending ones. #}

{% test account_day_unique(model, columns) %}
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        count(*) || ' rows share one key' as detail
    from {{ pending_rows(model) }}
    group by pending.client_id, pending.platform, pending.account_id, pending.date_day
        {%- for column in columns %}, detail.{{ column }}{% endfor %}
    having count(*) > 1
{% endtest %}

{% test account_day_not_null(model, columns) %}
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        'empty in some row:'
        {%- for column in columns %}
        || case when bool_or(detail.{{ column }} is null) then ' {{ column }}' else '' end
        {%- endfor %} as detail
    from {{ pending_rows(model) }}
    where
        {% for column in columns -%}
        detail.{{ column }} is null {{ "or " if not loop.last }}
        {%- endfor %}
    group by pending.client_id, pending.platform, pending.account_id, pending.date_day
{% endtest %}

{% test account_day_true(model, expression, because) %}
    select
        client_id,
        platform,
        account_id,
        date_day,
        count(*) || ' rows break the rule: {{ because }}' as detail
    from (select detail.* from {{ pending_rows(model) }}) as rows_of_pending_days
    where not coalesce({{ expression }}, false)
    group by client_id, platform, account_id, date_day
{% endtest %}

{% test account_day_parent_exists(model, parent, keys) %}
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        count(*) || ' rows without their row in {{ parent.identifier }}' as detail
    from {{ pending_rows(model) }}
    left join {{ parent }} as parent
        on
            pending.client_id = parent.client_id
            and pending.platform = parent.platform
            and pending.account_id = parent.account_id
            {%- for key in keys %}
            and detail.{{ key }} = parent.{{ key }}
            {%- endfor %}
    where parent.client_id is null
    group by pending.client_id, pending.platform, pending.account_id, pending.date_day
{% endtest %}

{# For dimensions: a doubled member spoils every pending day of its account. #}
{% test account_unique(model, columns) %}
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        'a member of {{ model.identifier }} exists twice' as detail
    from {{ source('ops', 'pending_account_day') }} as pending
    inner join (
        select distinct
            client_id,
            platform,
            account_id
        from {{ model }}
        group by client_id, platform, account_id
            {%- for column in columns if column != 'account_id' %}, {{ column }}{% endfor %}
        having count(*) > 1
    ) as doubled
        on
            pending.client_id = doubled.client_id
            and pending.platform = doubled.platform
            and pending.account_id = doubled.account_id
{% endtest %}

{# For as-of-day dimensions: a gap or an overlap would lose or double the facts of every pending day of its account. #}
{% test account_history_is_whole(model, columns) %}
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        'spans of a member of {{ model.identifier }} leave a gap or overlap' as detail
    from {{ source('ops', 'pending_account_day') }} as pending
    inner join (
        select distinct
            spans.client_id,
            spans.platform,
            spans.account_id
        from (
            select
                *,
                row_number() over member_rows as place,
                lead(valid_from_day) over member_rows as next_valid_from_day
            from {{ model }}
            window
                member_rows as (
                    partition by client_id, platform, account_id
                        {%- for column in columns %}, {{ column }}{% endfor %}
                    order by valid_from_day
                )
        ) as spans
        inner join {{ ref('dim_account') }} as account
            on
                spans.client_id = account.client_id
                and spans.platform = account.platform
                and spans.account_id = account.account_id
        where
            spans.valid_to_day is distinct from spans.next_valid_from_day
            or spans.valid_to_day <= spans.valid_from_day
            or (spans.place = 1 and spans.valid_from_day <> account.active_from)
    ) as broken
        on
            pending.client_id = broken.client_id
            and pending.platform = broken.platform
            and pending.account_id = broken.account_id
{% endtest %}

{# Warns only (tag `warning`): the figures are right, a name is missing until the platform lists the member. #}
{% test account_day_members_were_listed(model, parent, keys) %}
    select
        pending.client_id,
        pending.platform,
        pending.account_id,
        pending.date_day,
        count(*) || ' rows of members that the platform has not listed yet: '
        || string_agg(distinct detail.{{ keys | last }}, ', ') as detail
    from {{ pending_rows(model) }}
    inner join {{ parent }} as parent
        on
            pending.client_id = parent.client_id
            and pending.platform = parent.platform
            and pending.account_id = parent.account_id
            {%- for key in keys %}
            and detail.{{ key }} = parent.{{ key }}
            {%- endfor %}
    where not parent.is_listed and parent.unlisted_since is null
    group by pending.client_id, pending.platform, pending.account_id, pending.date_day
{% endtest %}

{# Warns only (tag `warning`): splits are optional. Where the campaign was read anew after the split, nothing is compared. #}
{% test account_day_split_is_complete(model, parent) %}
    with splits as (
        select
            detail.client_id,
            detail.platform,
            detail.account_id,
            detail.date_day,
            detail.campaign_id,
            detail.source_report,
            sum(detail.impressions) as impressions,
            sum(detail.clicks) as clicks
        from {{ pending_rows(model) }}
        where detail.coverage = 'complete'
        group by
            detail.client_id, detail.platform, detail.account_id, detail.date_day, detail.campaign_id,
            detail.source_report
    ),

    campaigns as (
        select detail.*
        from {{ pending_rows(parent) }}
    )

    select
        splits.client_id,
        splits.platform,
        splits.account_id,
        splits.date_day,
        'splits that do not add up: '
        || string_agg(splits.source_report || ' of ' || splits.campaign_id, ', ') as detail
    from splits
    inner join {{ source('ops', 'load_ledger') }} as split_reading
        on
            splits.platform = split_reading.platform
            and splits.account_id = split_reading.account_id
            and splits.source_report = split_reading.report
            and splits.date_day = split_reading.date_day
    inner join {{ source('ops', 'load_ledger') }} as campaign_reading
        on
            splits.platform = campaign_reading.platform
            and splits.account_id = campaign_reading.account_id
            and campaign_reading.report = 'campaign_daily'
            and splits.date_day = campaign_reading.date_day
    left join campaigns
        on
            splits.client_id = campaigns.client_id
            and splits.platform = campaigns.platform
            and splits.account_id = campaigns.account_id
            and splits.date_day = campaigns.date_day
            and splits.campaign_id = campaigns.campaign_id
    where
        split_reading.verified_at >= campaign_reading.read_at
        and (
            splits.impressions is distinct from campaigns.impressions
            or splits.clicks is distinct from campaigns.clicks
        )
    group by splits.client_id, splits.platform, splits.account_id, splits.date_day
{% endtest %}

{# Warns only (tag `warning`), of accounts: each day is right by itself, but a client's day adds up different ones. #}
{% test client_days_end_together(model) %}
    with account_days as (
        select
            accounts.client_id,
            accounts.platform,
            accounts.account_id,
            case rules.day_zone
                when 'utc' then 'UTC'
                when 'pacific' then 'America/Los_Angeles'
                else accounts.timezone
            end as day_zone
        from {{ model }} as accounts
        inner join {{ source('ops', 'platform_rule') }} as rules
            on accounts.platform = rules.platform
        where accounts.platform in ({{ text_list(var('ad_platforms')) }}) and accounts.active_to is null
    ),

    mixed_clients as (
        select
            client_id,
            string_agg(distinct day_zone, ', ' order by day_zone) as day_zones
        from account_days
        group by client_id
        having count(distinct day_zone) > 1
    )

    select
        account_days.client_id,
        account_days.platform,
        account_days.account_id,
        null::date as date_day,
        'its days end at midnight of ' || account_days.day_zone || '; days of this client''s ad accounts end at midnights of '
        || mixed_clients.day_zones as detail
    from account_days
    inner join mixed_clients
        on account_days.client_id = mixed_clients.client_id
{% endtest %}
