select
    creative.client_id as source_relation,
    md5(concat_ws('/', creative.client_id, creative.account_id, creative.creative_id)) as _fivetran_id,
    creative.creative_id,
    split_part(tag.pair, '=', 1) as key,
    substring(tag.pair from '=(.*)$') as value,
    null::text as type
from {{ ref('dim_creative') }} as creative
cross join lateral regexp_split_to_table(ltrim(creative.url_tags, '?&'), '&') as tag (pair)
where creative.platform in ({{ ad_reporting_platforms(['meta_ads']) }}) and tag.pair <> ''
