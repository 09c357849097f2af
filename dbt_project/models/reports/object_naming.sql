{% set part_names = [
    'client', 'channel', 'objective', 'funnel', 'audience', 'country', 'product', 'theme', 'date', 'budget_type',
    'creative', 'format', 'match_type', 'version', 'free',
] %}
{# Not seen, but a letter to every parser: control characters, zero width, reading direction. #}
{% set invisible -%}[\u0001-\u0008\u000e-\u001f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]{%- endset %}
{# Seen as a space: tabs, line ends, no-break and typographic spaces. #}
{% set odd_space -%}[\t\n\v\f\r\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]{%- endset %}
{# As the platforms' own "duplicate" writes it, in the languages of its interface. #}
{% set copy_suffix -%}( ?[-–—] ?(copy|copia|cópia|copie|kopie)( ?(of|de|von))?( ?\d+)?| \(\d+\))+${%- endset %}

with objects as (
    select
        client_id,
        platform,
        account_id,
        'campaign' as level,
        campaign_id,
        null::text as ad_group_id,
        null::text as ad_id,
        campaign_name as object_name
    from {{ ref('dim_campaign') }}
    where campaign_name is not null
    union all
    select
        client_id,
        platform,
        account_id,
        'ad_group' as level,
        campaign_id,
        ad_group_id,
        null::text as ad_id,
        ad_group_name as object_name
    from {{ ref('dim_ad_group') }}
    where ad_group_name is not null and ad_group_id <> 'not-at-ad-level'
    union all
    select
        client_id,
        platform,
        account_id,
        'ad' as level,
        campaign_id,
        ad_group_id,
        ad_id,
        ad_name as object_name
    from {{ ref('dim_ad') }}
    where ad_name is not null and ad_group_id <> 'not-at-ad-level'
),

conventions as (
    select * from {{ source('raw_registry', 'naming_convention') }}
),

parts as (
    select * from {{ source('raw_registry', 'naming_part') }}
),

-- What the eye does not see goes first, each mistake under its own rule, so that the parts can still be read.
visible as (
    select distinct
        client_id,
        platform,
        level,
        object_name,
        regexp_replace(normalize(object_name), '{{ invisible }}', '', 'g') as shown_name
    from objects
),

spaced as (
    select
        *,
        btrim(regexp_replace(regexp_replace(shown_name, '{{ odd_space }}', ' ', 'g'), ' {2,}', ' ', 'g')) as spaced_name
    from visible
),

names as (
    select
        *,
        regexp_replace(spaced_name, '{{ copy_suffix }}', '', 'i') as clean_name,
        array_remove(array[
            case when object_name ~ '{{ odd_space }}|{{ invisible }}' then 'invisible_characters' end,
            case when object_name ~ '^ | $|  ' then 'extra_spaces' end,
            case when object_name <> normalize(object_name) then 'decomposed_characters' end,
            case when spaced_name ~* '{{ copy_suffix }}' then 'copy_suffix' end
        ], null) as name_rules
    from spaced
),

-- A platform's own conventions take the place of those for all platforms.
candidates as (
    select
        names.*,
        conventions.convention,
        conventions.case_rule,
        conventions.parts,
        conventions.parts_required,
        case
            when conventions.delimiter = '[]'
                then array_remove(regexp_split_to_array(names.clean_name, ' ?[][]+ ?'), '')
            -- Doubled spaces let two delimiters in a row share none: "a | | b" has an empty part in the middle.
            when conventions.delimiter like ' %'
                then string_to_array(' ' || replace(names.clean_name, ' ', '  ') || ' ', conventions.delimiter)
            else string_to_array(names.clean_name, conventions.delimiter)
        end as tokens
    from names
    inner join conventions
        on names.client_id = conventions.client_id and names.level = conventions.level
    where
        conventions.platform = names.platform
        or (
            conventions.platform is null
            and not exists (
                select 1
                from conventions as own
                where
                    own.client_id = names.client_id
                    and own.level = names.level
                    and own.platform = names.platform
            )
        )
),

read_parts as (
    select
        candidates.client_id,
        candidates.platform,
        candidates.level,
        candidates.object_name,
        candidates.convention,
        candidates.case_rule,
        parts.position,
        parts.part,
        parts.prefix,
        parts.allowed,
        btrim(replace(candidates.tokens[parts.position], '  ', ' ')) as token
    from candidates
    inner join parts
        on candidates.client_id = parts.client_id and candidates.convention = parts.convention
    -- With too many or too few parts nobody knows which is which.
    where coalesce(cardinality(candidates.tokens), 0) between candidates.parts_required and candidates.parts
),

prefixed as (
    select
        *,
        coalesce(prefix is not null and token <> '' and not starts_with(lower(token), lower(prefix)), false)
            as lacks_prefix,
        case
            when starts_with(lower(token), lower(prefix)) then substr(token, length(prefix) + 1)
            else token
        end as found
    from read_parts
    where token is not null
),

-- In an allowed value # stands for one digit.
valued as (
    select
        *,
        translate(found, '0123456789', '##########') as shape
    from prefixed
),

matched as (
    select
        valued.*,
        listed.spelling
    from valued
    left join lateral (
        select candidate.spelling
        from unnest(valued.allowed) with ordinality as candidate (spelling, place)
        where
            lower(candidate.spelling) in (lower(valued.found), lower(valued.shape))
        order by (candidate.spelling in (valued.found, valued.shape)) desc, candidate.place
        limit 1
    ) as listed on true
),

judged as (
    select
        *,
        case
            when found = '' then null
            -- Both spellings of one value become one, digits stay the name's own.
            when spelling is not null and position('#' in spelling) = 0 then spelling
            else found
        end as value,
        case
            when found = '' then 'empty_part'
            when lacks_prefix then 'missing_prefix'
            when allowed is not null and spelling is null then 'value_not_allowed'
            when case_rule = 'any' then null
            when spelling not in (found, shape) then 'wrong_case'
            when case_rule = 'lower' and found <> lower(found) then 'wrong_case'
            when case_rule = 'upper' and found <> upper(found) then 'wrong_case'
        end as rule
    from matched
),

by_parts as (
    select
        client_id,
        platform,
        level,
        object_name,
        convention,
        {% for part in part_names -%}
        max(value) filter (where part = '{{ part }}') as part_{{ part }},
        {% endfor -%}
        count(rule) as mistakes,
        jsonb_agg(
            jsonb_build_object(
                'rule', rule, 'part', part, 'found', found,
                'allowed', case
                    when rule = 'missing_prefix' then prefix || '...'
                    when allowed is not null then array_to_string(allowed, ', ')
                    when rule = 'wrong_case' then 'case: ' || case_rule
                    else 'any text'
                end
            )
            order by position
        ) filter (where rule is not null) as part_violations
    from judged
    group by client_id, platform, level, object_name, convention
),

fitted as (
    select
        candidates.client_id,
        candidates.platform,
        candidates.level,
        candidates.object_name,
        candidates.convention,
        by_parts.convention is not null as has_parts,
        coalesce(cardinality(candidates.tokens), 0) as tokens_found,
        candidates.parts,
        candidates.parts_required,
        row_number() over (
            partition by candidates.client_id, candidates.platform, candidates.level, candidates.object_name
            order by
                by_parts.convention is null,
                by_parts.mistakes,
                abs(coalesce(cardinality(candidates.tokens), 0) - candidates.parts),
                candidates.convention
        ) as choice,
        {% for part in part_names -%}
        by_parts.part_{{ part }},
        {% endfor -%}
        by_parts.part_violations,
        candidates.name_rules
    from candidates
    left join by_parts
        on
            candidates.client_id = by_parts.client_id
            and candidates.platform = by_parts.platform
            and candidates.level = by_parts.level
            and candidates.object_name = by_parts.object_name
            and candidates.convention = by_parts.convention
),

chosen as (
    select
        *,
        case when tokens_found < parts_required then 'too_few_parts' else 'too_many_parts' end as misfit,
        case when parts_required < parts then parts_required || ' to ' else '' end || parts as parts_allowed
    from fitted
    where choice = 1
),

name_violations as (
    select
        chosen.client_id,
        chosen.platform,
        chosen.level,
        chosen.object_name,
        jsonb_agg(jsonb_build_object('rule', broken.rule) order by broken.place) as violations
    from chosen
    cross join lateral unnest(chosen.name_rules) with ordinality as broken (rule, place)
    group by chosen.client_id, chosen.platform, chosen.level, chosen.object_name
),

read_names as (
    select
        chosen.*,
        coalesce(name_violations.violations, '[]')
        || case
            when chosen.has_parts then coalesce(chosen.part_violations, '[]')
            else jsonb_build_array(
                    jsonb_build_object(
                        'rule', chosen.misfit, 'found', chosen.tokens_found::text, 'allowed', chosen.parts_allowed
                    )
                )
        end as violations
    from chosen
    left join name_violations
        on
            chosen.client_id = name_violations.client_id
            and chosen.platform = name_violations.platform
            and chosen.level = name_violations.level
            and chosen.object_name = name_violations.object_name
)

select
    objects.client_id,
    objects.platform,
    objects.account_id,
    objects.level,
    objects.campaign_id,
    objects.ad_group_id,
    objects.ad_id,
    objects.object_name,
    read_names.convention,
    {% for part in part_names -%}
    read_names.part_{{ part }},
    {% endfor -%}
    jsonb_array_length(read_names.violations) as violations_found,
    read_names.violations
from objects
left join read_names
    on
        objects.client_id = read_names.client_id
        and objects.platform = read_names.platform
        and objects.level = read_names.level
        and objects.object_name = read_names.object_name
