{% set google_dynamic = [
    'keyword', 'matchtype', 'network', 'device', 'devicemodel', 'placement', 'target', 'targetid', 'adposition',
    'adtype', 'loc_interest_ms', 'loc_physical_ms', 'feeditemid', 'extensionid', 'gclid', 'random', 'sourceid',
    'merchant_id', 'product_channel', 'product_country', 'product_id', 'product_language', 'product_partition_id',
    'store_code', 'lpurl', 'escapedlpurl', 'unescapedlpurl', 'ignore', 'param1', 'param2',
] %}
{% set tiktok_dynamic = ['PLACEMENT', 'CLICKID', 'CALLBACK_PARAM', 'IP', 'UA', 'OS', 'TS', 'IDFA', 'GAID', 'DOMAIN'] %}
{# What a platform fills in, also with a brace or an underscore too few. #}
{% set placeholder -%}
\{\{[^{}]*\}?\}?|\{[A-Za-z_][^{}]*\}|__[A-Z]+(?:_[A-Z]+)*__|_{1,2}(?:CAMPAIGN_NAME|CAMPAIGN_ID|AID_NAME|AID|CID_NAME|CID)_{1,2}
{%- endset %}

-- stands_for dynamic: filled in click by click, so that no ad has one value.
with listed_placeholders (platform, parameter, stands_for) as (
    values
    ('meta_ads', 'campaign.id', 'campaign_id'),
    ('meta_ads', 'campaign.name', 'campaign_name'),
    ('meta_ads', 'adset.id', 'ad_group_id'),
    ('meta_ads', 'adset.name', 'ad_group_name'),
    ('meta_ads', 'ad.id', 'ad_id'),
    ('meta_ads', 'ad.name', 'ad_name'),
    ('meta_ads', 'site_source_name', 'dynamic'),
    ('meta_ads', 'placement', 'dynamic'),
    ('google_ads', 'campaignid', 'campaign_id'),
    ('google_ads', 'adgroupid', 'ad_group_id'),
    ('google_ads', 'creative', 'ad_id'),
    {% for parameter in google_dynamic -%}
    ('google_ads', '{{ parameter }}', 'dynamic'),
    {% endfor -%}
    ('tiktok_ads', 'CAMPAIGN_ID', 'campaign_id'),
    ('tiktok_ads', 'CAMPAIGN_NAME', 'campaign_name'),
    ('tiktok_ads', 'AID', 'ad_group_id'),
    ('tiktok_ads', 'AID_NAME', 'ad_group_name'),
    ('tiktok_ads', 'CID', 'ad_id'),
    ('tiktok_ads', 'CID_NAME', 'ad_name'),
    {% for parameter in tiktok_dynamic -%}
    ('tiktok_ads', '{{ parameter }}', 'dynamic'),
    {% endfor -%}
    ('linkedin_ads', 'ACCOUNT_ID', 'account_id'),
    ('linkedin_ads', 'ACCOUNT_NAME', 'account_name'),
    ('linkedin_ads', 'CAMPAIGN_GROUP_ID', 'campaign_id'),
    ('linkedin_ads', 'CAMPAIGN_GROUP_NAME', 'campaign_name'),
    ('linkedin_ads', 'CAMPAIGN_ID', 'ad_group_id'),
    ('linkedin_ads', 'CAMPAIGN_NAME', 'ad_group_name'),
    ('linkedin_ads', 'CREATIVE_ID', 'ad_id')
),

placeholders as (
    select
        platform,
        jsonb_object_agg(
            case platform
                when 'google_ads' then '{' || parameter || '}'
                when 'tiktok_ads' then '__' || parameter || '__'
                else repeat('{', 2) || parameter || repeat('}', 2)
            end,
            stands_for
        ) as stands_for
    from listed_placeholders
    group by platform
),

ads as (
    select
        ads.client_id,
        ads.platform,
        ads.account_id,
        accounts.name as account_name,
        ads.campaign_id,
        campaigns.campaign_name,
        ads.ad_group_id,
        ad_groups.ad_group_name,
        ads.ad_id,
        ads.ad_name,
        accounts.auto_tagging_enabled,
        ads.url_tags,
        ads.tracking_url_template,
        nullif(regexp_replace(btrim(ads.destination_url), '[\t\n\r]', '', 'g'), '') as destination_url
    from {{ ref('dim_ad') }} as ads
    left join {{ ref('dim_account') }} as accounts
        on
            ads.client_id = accounts.client_id
            and ads.platform = accounts.platform
            and ads.account_id = accounts.account_id
    left join {{ ref('dim_campaign') }} as campaigns
        on
            ads.client_id = campaigns.client_id
            and ads.platform = campaigns.platform
            and ads.account_id = campaigns.account_id
            and ads.campaign_id = campaigns.campaign_id
    left join {{ ref('dim_ad_group') }} as ad_groups
        on
            ads.client_id = ad_groups.client_id
            and ads.platform = ad_groups.platform
            and ads.account_id = ad_groups.account_id
            and ads.campaign_id = ad_groups.campaign_id
            and ads.ad_group_id = ad_groups.ad_group_id
),

-- The parameters that the platform appends: Google's template where it begins with the landing page, then the suffix or
-- the tags. A template of a click tracker names the tracker's parameters, not the page's.
assembled as (
    select
        *,
        destination_url !~ '^[A-Za-z][A-Za-z0-9+.-]*://|^(tel|sms|mailto):' as lacks_scheme,
        concat_ws(
            '&',
            case
                when tracking_url_template ~ '^\{(unescaped)?lpurl\}'
                    then nullif(regexp_replace(tracking_url_template, '^\{(unescaped)?lpurl\}[?&]?', ''), '')
            end,
            case
                -- TikTok lists the parameters of the address once more; they are appended where the address has none.
                when platform <> 'tiktok_ads' or destination_url !~ '[?&]utm_'
                    then nullif(regexp_replace(btrim(url_tags), '^[?&]+', ''), '')
            end
        ) as appended
    from ads
),

complete as (
    select
        *,
        case
            when lacks_scheme then 'https://' || regexp_replace(destination_url, '^/+', '')
            else destination_url
        end as url
    from assembled
),

split_urls as (
    select
        *,
        substring(url from '^[^#?]*') as base_url,
        coalesce(substring(url from '^[^#?]*\?([^#]*)'), '') as own_query,
        coalesce(substring(url from '#(.*)$'), '') as fragment
    from complete
),

located as materialized (
    select
        *,
        concat_ws('&', nullif(own_query, ''), nullif(appended, '')) as query,
        -- Without user and port, as the browser shows it.
        regexp_replace(substring(base_url from '^[^:/]+://([^/]*)'), '^.*@', '') as authority,
        coalesce(substring(base_url from '^[^:/]+://[^/]*(/.*)$'), '') as url_path
    from split_urls
),

-- Ad by ad, so that the cost grows with the ads alone. A step behind unnest is worked out once, not at every mention.
tagged as (
    select
        located.*,
        tags.utm_source,
        tags.utm_medium,
        tags.utm_campaign,
        tags.utm_content,
        tags.utm_term,
        tags.is_repeated
    from located
    left join placeholders
        on located.platform = placeholders.platform
    cross join lateral (
        select
            -- Of a parameter that is given twice readers take the first one.
            {% for parameter in ['utm_source', 'utm_medium', 'utm_campaign', 'utm_content', 'utm_term'] -%}
            (array_agg(filled.value order by parameter.place) filter (where parameter.pair[1] = '{{ parameter }}'))[1]
                as {{ parameter }},
            {% endfor -%}
            count(distinct parameter.pair[1] || '=' || decoded.value) > count(distinct parameter.pair[1])
                as is_repeated
        from regexp_matches(
                located.query, '(?:^|&)(utm_(?:source|medium|campaign|content|term))=([^&]+)', 'g'
            ) with ordinality as parameter (pair, place)
        cross join unnest(array[ops.url_decoded(parameter.pair[2], true)]) as decoded (value)
        cross join lateral (
            select
                string_agg(
                    case
                        -- Google's parameters of one's own and its conditions have any name.
                        when located.platform = 'google_ads' and piece.found[1] ~ '^\{(_|if)' then 'dynamic'
                        else coalesce(
                                case placeholders.stands_for ->> piece.found[1]
                                    when 'dynamic' then 'dynamic'
                                    when 'account_id' then located.account_id
                                    when 'account_name' then located.account_name
                                    when 'campaign_id' then located.campaign_id
                                    when 'campaign_name' then located.campaign_name
                                    when 'ad_group_id' then located.ad_group_id
                                    when 'ad_group_name' then located.ad_group_name
                                    when 'ad_id' then located.ad_id
                                    when 'ad_name' then located.ad_name
                                end, piece.found[1]
                            )
                    end,
                    '' order by piece.place
                ) as value
            from regexp_matches(
                    decoded.value, '({{ placeholder }}|[^{_]+|.)', 'g'
                ) with ordinality as piece (found, place)
        ) as filled
    ) as tags
),

-- What looks like a placeholder and is none of this platform reaches the site as it stands.
checked as (
    select
        tagged.*,
        unresolved.unresolved_placeholders
    from tagged
    left join placeholders
        on tagged.platform = placeholders.platform
    cross join lateral (
        select string_agg(distinct piece.found[1], ', ' order by piece.found[1]) as unresolved_placeholders
        from regexp_matches(
                ops.url_decoded(concat_ws('?', tagged.base_url, nullif(tagged.query, ''))), '({{ placeholder }})', 'g'
            ) as piece (found)
        where
            not coalesce(placeholders.stands_for ? piece.found[1], false)
            and not (tagged.platform = 'google_ads' and piece.found[1] ~ '^\{(_|if)')
    ) as unresolved
)

select
    client_id,
    platform,
    account_id,
    campaign_id,
    ad_group_id,
    ad_id,
    destination_url,
    nullif(appended, '') as appended_parameters,
    base_url,
    nullif(
        lower(
            case
                when authority like '[%' then substring(authority from '^\[([^]]*)')
                else regexp_replace(authority, ':[0-9]*$', '')
            end
        ), ''
    ) as url_host,
    case when authority is not null then url_path end as url_path,
    utm_source,
    utm_medium,
    utm_campaign,
    utm_content,
    utm_term,
    coalesce(auto_tagging_enabled, false) as is_auto_tagged,
    unresolved_placeholders,
    array_to_string(array[
        case when lacks_scheme then 'missing_scheme' end,
        case when own_query like '%?%' then 'second_question_mark' end,
        case when fragment ~ 'utm_(source|medium|campaign)=' then 'parameters_after_fragment' end,
        case when is_repeated then 'repeated_parameter' end
    ], ', ') as url_mistakes
from checked
