with recent as (
    select
        client_id,
        reporting_currency,
        ({{ platform_now() }} at time zone timezone)::date - 30 as since,
        ({{ platform_now() }} at time zone timezone)::date - 1 as until
    from {{ ref('dim_client') }}
),

-- What the analytics of most sites count as this channel; a medium of another one books the visits elsewhere.
channels as (
    select
        listed.platform,
        string_to_array(listed.mediums, ', ') as mediums,
        listed.mediums as mediums_text
    from (
        values
        ('meta_ads', 'paid_social, paid-social, paidsocial, social_paid, paid'),
        ('tiktok_ads', 'paid_social, paid-social, paidsocial, social_paid, paid'),
        ('linkedin_ads', 'paid_social, paid-social, paidsocial, social_paid, paid'),
        ('google_ads', 'cpc, ppc, paid_search, paid-search, paidsearch, display, cpm, video, shopping, pmax, paid')
    ) as listed (platform, mediums)
),

spent as (
    select
        facts.client_id,
        facts.platform,
        facts.account_id,
        facts.ad_group_id,
        facts.ad_id,
        recent.reporting_currency,
        case
            when
                count(*) filter (
                    where facts.spend <> 0
                    and (facts.spend_reporting is null or facts.reporting_currency <> recent.reporting_currency)
                ) = 0
                then sum(facts.spend_reporting)
        end as spend_last_30_days
    from {{ ref('fct_ad_performance_daily') }} as facts
    inner join recent
        on facts.client_id = recent.client_id and facts.date_day between recent.since and recent.until
    group by
        facts.client_id,
        facts.platform,
        facts.account_id,
        facts.ad_group_id,
        facts.ad_id,
        recent.reporting_currency
    having sum(facts.spend) <> 0
),

campaigns as (
    select
        client_id,
        platform,
        account_id,
        campaign_id,
        campaign_name
    from {{ ref('dim_campaign') }}
),

-- A campaign answers to its id and to every name that it ever had, in any case and spacing.
campaign_words as (
    select distinct
        client_id,
        platform,
        account_id,
        campaign_id,
        lower(btrim(regexp_replace(normalize(word), '[\s\u00a0]+', ' ', 'g'))) as word
    from (
        select
            client_id,
            platform,
            account_id,
            campaign_id,
            campaign_name as word
        from {{ ref('dim_campaign_history') }}
        union all
        select
            client_id,
            platform,
            account_id,
            campaign_id,
            campaign_name as word
        from campaigns
        union all
        select
            client_id,
            platform,
            account_id,
            campaign_id,
            campaign_id as word
        from campaigns
    ) as words
    where word is not null
),

client_words as (
    select distinct
        client_id,
        word
    from campaign_words
),

ads as (
    select
        urls.*,
        campaigns.campaign_name,
        channels.mediums,
        channels.mediums_text,
        spent.spend_last_30_days,
        spent.reporting_currency,
        coalesce(urls.utm_source, urls.utm_medium, urls.utm_campaign, urls.utm_content, urls.utm_term) is not null
            as has_parameters,
        lower(btrim(regexp_replace(normalize(urls.utm_campaign), '[\s\u00a0]+', ' ', 'g'))) as campaign_word
    from {{ ref('ad_url') }} as urls
    inner join spent
        on
            urls.client_id = spent.client_id
            and urls.platform = spent.platform
            and urls.account_id = spent.account_id
            and urls.ad_group_id = spent.ad_group_id
            and urls.ad_id = spent.ad_id
    inner join channels
        on urls.platform = channels.platform
    left join campaigns
        on
            urls.client_id = campaigns.client_id
            and urls.platform = campaigns.platform
            and urls.account_id = campaigns.account_id
            and urls.campaign_id = campaigns.campaign_id
),

judged as (
    select
        ads.*,
        own_words.word is not null as names_own_campaign,
        client_words.word is not null as names_campaign
    from ads
    left join campaign_words as own_words
        on
            ads.client_id = own_words.client_id
            and ads.platform = own_words.platform
            and ads.account_id = own_words.account_id
            and ads.campaign_id = own_words.campaign_id
            and ads.campaign_word = own_words.word
    left join client_words
        on ads.client_id = client_words.client_id and ads.campaign_word = client_words.word
)

select
    judged.client_id,
    judged.platform,
    judged.account_id,
    judged.campaign_id,
    judged.ad_group_id,
    judged.ad_id,
    judged.campaign_name,
    findings.finding,
    findings.parameter,
    findings.found,
    findings.expected,
    judged.base_url,
    judged.spend_last_30_days,
    judged.reporting_currency
from judged
cross join
    lateral (
        values
        (
            judged.base_url is null and not judged.is_auto_tagged,
            'no_destination', null, null, 'an address that the platform tells'
        ),
        (
            judged.base_url is not null and not judged.has_parameters and not judged.is_auto_tagged,
            'no_tracking', null, judged.destination_url, 'utm_source, utm_medium and utm_campaign'
        ),
        (
            judged.has_parameters and judged.utm_source is null and not judged.is_auto_tagged,
            'missing_parameter', 'utm_source', null, 'a value'
        ),
        (
            judged.has_parameters and judged.utm_medium is null and not judged.is_auto_tagged,
            'missing_parameter', 'utm_medium', null, judged.mediums_text
        ),
        (
            judged.has_parameters and judged.utm_campaign is null and not judged.is_auto_tagged,
            'missing_parameter', 'utm_campaign', null, 'name or id of the campaign'
        ),
        (
            judged.unresolved_placeholders is not null,
            'unresolved_placeholder', null, judged.unresolved_placeholders, 'a placeholder of this platform'
        ),
        (
            judged.utm_medium <> all(judged.mediums) and position('dynamic' in judged.utm_medium) = 0,
            'wrong_medium', 'utm_medium', judged.utm_medium, judged.mediums_text
        ),
        (
            judged.url_mistakes <> '',
            'malformed_url', null, judged.destination_url, judged.url_mistakes
        ),
        (
            not judged.names_campaign and judged.utm_campaign is not null
            and position('dynamic' in judged.utm_campaign) = 0 and judged.unresolved_placeholders is null,
            'unknown_campaign', 'utm_campaign', judged.utm_campaign, judged.campaign_name
        ),
        (
            judged.names_campaign and not judged.names_own_campaign,
            'other_campaign', 'utm_campaign', judged.utm_campaign, judged.campaign_name
        )
    ) as findings (is_found, finding, parameter, found, expected)
where findings.is_found
