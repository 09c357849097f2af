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

platforms as (
    select listed.platform
    from unnest(array[{{ text_list(var('ad_platforms')) }}]) as listed (platform)
),

-- A platform's own conventions take the place of those for all platforms.
applicable as (
    select
        conventions.client_id,
        conventions.level,
        platforms.platform,
        conventions.convention,
        conventions.delimiter,
        conventions.case_rule,
        conventions.parts,
        conventions.parts_required
    from conventions
    inner join platforms
        on
            conventions.platform = platforms.platform
            or (
                conventions.platform is null
                and not exists (
                    select 1
                    from conventions as own
                    where
                        own.client_id = conventions.client_id
                        and own.level = conventions.level
                        and own.platform = platforms.platform
                )
            )
),

-- What the eye does not see goes first, each mistake under its own rule, so that the parts can still be read.
-- A step behind unnest is worked out once; else every later mention would work it out again.
names as (
    select
        objects.*,
        cleaned.clean_name,
        cleaned.name_rules
    from objects
    cross join
        unnest(
            array[regexp_replace(normalize(objects.object_name), '{{ invisible }}', '', 'g')]
        ) as visible (shown_name)
    cross join
        unnest(array[
            btrim(regexp_replace(regexp_replace(visible.shown_name, '{{ odd_space }}', ' ', 'g'), ' {2,}', ' ', 'g'))
        ]) as spaced (spaced_name)
    cross join
        unnest(
            array[regexp_replace(spaced.spaced_name, '{{ copy_suffix }}', '', 'i')],
            array[
                case
                    when objects.object_name ~ '{{ odd_space }}|{{ invisible }}'
                        then jsonb_build_array(jsonb_build_object('rule', 'invisible_characters'))
                    else '[]'
                end
                || case
                    when objects.object_name ~ '^ | $|  '
                        then jsonb_build_array(jsonb_build_object('rule', 'extra_spaces'))
                    else '[]'
                end
                || case
                    when objects.object_name <> normalize(objects.object_name)
                        then jsonb_build_array(jsonb_build_object('rule', 'decomposed_characters'))
                    else '[]'
                end
                || case
                    when spaced.spaced_name ~* '{{ copy_suffix }}'
                        then jsonb_build_array(jsonb_build_object('rule', 'copy_suffix'))
                    else '[]'
                end
            ]
        ) as cleaned (clean_name, name_rules)
),

split_names as (
    select
        names.client_id,
        names.platform,
        names.account_id,
        names.level,
        names.campaign_id,
        names.ad_group_id,
        names.ad_id,
        names.object_name,
        names.name_rules,
        applicable.convention,
        applicable.case_rule,
        applicable.parts,
        applicable.parts_required,
        split.tokens,
        coalesce(jsonb_array_length(split.tokens), 0) as tokens_found
    from names
    left join applicable
        on
            names.client_id = applicable.client_id
            and names.level = applicable.level
            and names.platform = applicable.platform
    cross join
        unnest(array[to_jsonb(
            case
                when applicable.delimiter = '[]'
                    then array_remove(regexp_split_to_array(names.clean_name, ' ?[][]+ ?'), '')
                -- Doubled spaces let two delimiters in a row share none: "a | | b" has an empty part in the middle.
                when applicable.delimiter like ' %'
                    then string_to_array(' ' || replace(names.clean_name, ' ', '  ') || ' ', applicable.delimiter)
                else string_to_array(names.clean_name, applicable.delimiter)
            end
        )]) as split (tokens)
),

-- With too many or too few parts nobody knows which is which.
read_parts as (
    select
        split_names.*,
        parts.position,
        parts.part,
        parts.prefix,
        parts.allowed,
        coalesce(read.token <> '' and not starts_with(lower(read.token), lower(parts.prefix)), false) as lacks_prefix,
        shown.found,
        -- In an allowed value # stands for one digit.
        translate(shown.found, '0123456789', '##########') as shape
    from split_names
    left join {{ source('raw_registry', 'naming_part') }} as parts
        on
            split_names.client_id = parts.client_id
            and split_names.convention = parts.convention
            and split_names.tokens_found between split_names.parts_required and split_names.parts
    cross join unnest(array[btrim(replace(split_names.tokens ->> (parts.position - 1), '  ', ' '))]) as read (token)
    cross join
        unnest(array[
            case
                when starts_with(lower(read.token), lower(parts.prefix))
                    then substr(read.token, length(parts.prefix) + 1)
                else read.token
            end
        ]) as shown (found)
),

matched as (
    select
        read_parts.*,
        listed.spelling
    from read_parts
    left join lateral (
        select candidate.spelling
        from unnest(read_parts.allowed) with ordinality as candidate (spelling, place)
        where
            lower(candidate.spelling) in (lower(read_parts.found), lower(read_parts.shape))
        order by (candidate.spelling in (read_parts.found, read_parts.shape)) desc, candidate.place
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
            when found is not null and allowed is not null and spelling is null then 'value_not_allowed'
            when case_rule = 'any' then null
            when spelling not in (found, shape) then 'wrong_case'
            when case_rule = 'lower' and found <> lower(found) then 'wrong_case'
            when case_rule = 'upper' and found <> upper(found) then 'wrong_case'
        end as rule
    from matched
),

candidates as (
    select
        client_id,
        platform,
        account_id,
        level,
        campaign_id,
        ad_group_id,
        ad_id,
        object_name,
        name_rules,
        convention,
        parts,
        parts_required,
        tokens_found,
        {% for part in part_names -%}
        max(value) filter (where part = '{{ part }}') as part_{{ part }},
        {% endfor -%}
        count(part) > 0 as has_parts,
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
    group by
        client_id,
        platform,
        account_id,
        level,
        campaign_id,
        ad_group_id,
        ad_id,
        object_name,
        name_rules,
        convention,
        parts,
        parts_required,
        tokens_found
),

ranked as (
    select
        *,
        row_number() over (
            partition by client_id, platform, account_id, level, campaign_id, ad_group_id, ad_id
            order by has_parts desc, mistakes asc, abs(tokens_found - parts) asc, convention asc
        ) as choice
    from candidates
),

chosen as (
    select
        *,
        case when tokens_found < parts_required then 'too_few_parts' else 'too_many_parts' end as misfit,
        case when parts_required < parts then parts_required || ' to ' else '' end || parts as parts_allowed
    from ranked
    where choice = 1
),

-- Objects without a convention break no rule.
judged_names as (
    select
        *,
        case
            when convention is not null and has_parts then name_rules || coalesce(part_violations, '[]')
            when convention is not null
                then name_rules || jsonb_build_object(
                        'rule', misfit, 'found', tokens_found::text, 'allowed', parts_allowed
                    )
        end as violations
    from chosen
)

select
    client_id,
    platform,
    account_id,
    level,
    campaign_id,
    ad_group_id,
    ad_id,
    object_name,
    convention,
    {% for part in part_names -%}
    part_{{ part }},
    {% endfor -%}
    jsonb_array_length(violations) as violations_found,
    violations
from judged_names
