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
        stands_for,
        case platform
            when 'google_ads' then '{' || parameter || '}'
            when 'tiktok_ads' then '__' || parameter || '__'
            else repeat('{', 2) || parameter || repeat('}', 2)
        end as placeholder
    from listed_placeholders
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

located as (
    select
        *,
        concat_ws('&', nullif(own_query, ''), nullif(appended, '')) as query,
        -- Without user and port, as the browser shows it.
        regexp_replace(substring(base_url from '^[^:/]+://([^/]*)'), '^.*@', '') as authority,
        coalesce(substring(base_url from '^[^:/]+://[^/]*(/.*)$'), '') as url_path
    from split_urls
),

parameters as (
    select
        located.client_id,
        located.platform,
        located.account_id,
        located.ad_group_id,
        located.ad_id,
        parameter.pair[1] as name,
        ops.url_decoded(parameter.pair[2], true) as value,
        parameter.place
    from located
    cross join lateral regexp_matches(
        located.query, '(?:^|&)(utm_(?:source|medium|campaign|content|term))=([^&]+)', 'g'
    ) with ordinality as parameter (pair, place)
),

-- Of a parameter that is given twice readers take the first one.
numbered_parameters as (
    select
        *,
        row_number() over (
            partition by client_id, platform, account_id, ad_group_id, ad_id, name
            order by place
        ) as occurrence
    from parameters
),

pieces as (
    select
        numbered_parameters.client_id,
        numbered_parameters.platform,
        numbered_parameters.account_id,
        numbered_parameters.ad_group_id,
        numbered_parameters.ad_id,
        numbered_parameters.name,
        piece.found[1] as found,
        piece.place
    from numbered_parameters
    cross join
        lateral regexp_matches(
            numbered_parameters.value, '({{ placeholder }}|[^{_]+|.)', 'g'
        ) with ordinality as piece (found, place)
    where numbered_parameters.occurrence = 1
),

resolved as (
    select
        pieces.client_id,
        pieces.platform,
        pieces.account_id,
        pieces.ad_group_id,
        pieces.ad_id,
        pieces.name,
        string_agg(
            case
                -- Google's parameters of one's own and its conditions have any name.
                when pieces.platform = 'google_ads' and pieces.found ~ '^\{(_|if)' then 'dynamic'
                when placeholders.stands_for = 'dynamic' then 'dynamic'
                when placeholders.stands_for = 'account_id' then ads.account_id
                when placeholders.stands_for = 'account_name' then coalesce(ads.account_name, pieces.found)
                when placeholders.stands_for = 'campaign_id' then ads.campaign_id
                when placeholders.stands_for = 'campaign_name' then coalesce(ads.campaign_name, pieces.found)
                when placeholders.stands_for = 'ad_group_id' then ads.ad_group_id
                when placeholders.stands_for = 'ad_group_name' then coalesce(ads.ad_group_name, pieces.found)
                when placeholders.stands_for = 'ad_id' then ads.ad_id
                when placeholders.stands_for = 'ad_name' then coalesce(ads.ad_name, pieces.found)
                else pieces.found
            end,
            '' order by pieces.place
        ) as value
    from pieces
    inner join ads
        on
            pieces.client_id = ads.client_id
            and pieces.platform = ads.platform
            and pieces.account_id = ads.account_id
            and pieces.ad_group_id = ads.ad_group_id
            and pieces.ad_id = ads.ad_id
    left join placeholders
        on pieces.platform = placeholders.platform and pieces.found = placeholders.placeholder
    group by pieces.client_id, pieces.platform, pieces.account_id, pieces.ad_group_id, pieces.ad_id, pieces.name
),

tags as (
    select
        client_id,
        platform,
        account_id,
        ad_group_id,
        ad_id,
        max(value) filter (where name = 'utm_source') as utm_source,
        max(value) filter (where name = 'utm_medium') as utm_medium,
        max(value) filter (where name = 'utm_campaign') as utm_campaign,
        max(value) filter (where name = 'utm_content') as utm_content,
        max(value) filter (where name = 'utm_term') as utm_term
    from resolved
    group by client_id, platform, account_id, ad_group_id, ad_id
),

-- What looks like a placeholder and is none of this platform reaches the site as it stands.
unresolved as (
    select
        located.client_id,
        located.platform,
        located.account_id,
        located.ad_group_id,
        located.ad_id,
        string_agg(distinct piece.found[1], ', ' order by piece.found[1]) as unresolved_placeholders
    from located
    cross join
        lateral regexp_matches(
            ops.url_decoded(concat_ws('?', located.base_url, nullif(located.query, ''))), '({{ placeholder }})', 'g'
        ) as piece (found)
    left join placeholders
        on located.platform = placeholders.platform and piece.found[1] = placeholders.placeholder
    where
        placeholders.placeholder is null
        and not (located.platform = 'google_ads' and piece.found[1] ~ '^\{(_|if)')
    group by located.client_id, located.platform, located.account_id, located.ad_group_id, located.ad_id
),

repeated as (
    select
        client_id,
        platform,
        account_id,
        ad_group_id,
        ad_id
    from parameters
    group by client_id, platform, account_id, ad_group_id, ad_id
    having count(distinct name || '=' || value) > count(distinct name)
)

select
    located.client_id,
    located.platform,
    located.account_id,
    located.campaign_id,
    located.ad_group_id,
    located.ad_id,
    located.destination_url,
    nullif(located.appended, '') as appended_parameters,
    located.base_url,
    nullif(
        lower(
            case
                when located.authority like '[%' then substring(located.authority from '^\[([^]]*)')
                else regexp_replace(located.authority, ':[0-9]*$', '')
            end
        ), ''
    ) as url_host,
    case when located.authority is not null then located.url_path end as url_path,
    tags.utm_source,
    tags.utm_medium,
    tags.utm_campaign,
    tags.utm_content,
    tags.utm_term,
    coalesce(located.auto_tagging_enabled, false) as is_auto_tagged,
    unresolved.unresolved_placeholders,
    array_to_string(array[
        case when located.lacks_scheme then 'missing_scheme' end,
        case when located.own_query like '%?%' then 'second_question_mark' end,
        case when located.fragment ~ 'utm_(source|medium|campaign)=' then 'parameters_after_fragment' end,
        case when repeated.ad_id is not null then 'repeated_parameter' end
    ], ', ') as url_mistakes
from located
left join tags
    on
        located.client_id = tags.client_id
        and located.platform = tags.platform
        and located.account_id = tags.account_id
        and located.ad_group_id = tags.ad_group_id
        and located.ad_id = tags.ad_id
left join unresolved
    on
        located.client_id = unresolved.client_id
        and located.platform = unresolved.platform
        and located.account_id = unresolved.account_id
        and located.ad_group_id = unresolved.ad_group_id
        and located.ad_id = unresolved.ad_id
left join repeated
    on
        located.client_id = repeated.client_id
        and located.platform = repeated.platform
        and located.account_id = repeated.account_id
        and located.ad_group_id = repeated.ad_group_id
        and located.ad_id = repeated.ad_id
