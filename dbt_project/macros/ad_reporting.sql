{# Platforms of `candidates` that ad_reporting shows, as SQL literals: ad_reporting__<platform>_enabled leaves one out. #}
{% macro ad_reporting_platforms(candidates) -%}
    {%- set shown = ["'none'"] -%}
    {%- for platform in candidates -%}
        {%- if var('ad_reporting__' ~ platform | replace('meta_ads', 'facebook_ads') ~ '_enabled', true) -%}
            {%- do shown.append("'" ~ platform ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ shown | join(', ') }}
{%- endmacro %}

{# Whether Meta's action type is one of facebook_ads__conversion_action_types; an entry has name or pattern, and where_sql. #}
{% macro is_chosen_action_type(action_type) -%}
    (
        {%- for chosen in var('facebook_ads__conversion_action_types') %}
        {{ "or " if not loop.first }}(
            {{- action_type }} {{ "= '" ~ chosen.name ~ "'" if chosen.name is defined else "like '" ~ chosen.pattern ~ "'" }}
            {{- " and (" ~ chosen.where_sql ~ ")" if chosen.where_sql }})
        {%- else %}
        false
        {%- endfor %}
    )
{%- endmacro %}

{# Columns of this contract say facebook_ads for Meta. #}
{% macro ad_reporting_platform_name(platform) -%}
    case {{ platform }} when 'meta_ads' then 'facebook_ads' else {{ platform }} end
{%- endmacro %}

{# A parameter that Google's auto-tagging leaves out of the address: with google_auto_tagging_enabled what Google knows. #}
{% macro google_tagged(parameter, told_by_google) -%}
    {%- if var('google_auto_tagging_enabled') -%}
    case
        when url.is_auto_tagged and url.base_url is not null then coalesce(url.{{ parameter }}, {{ told_by_google }})
        else url.{{ parameter }}
    end as {{ parameter }}
    {%- else -%}
    url.{{ parameter }}
    {%- endif -%}
{%- endmacro %}

{# Sum of columns in which null stands for none. #}
{% macro sum_of(columns) -%}
    {%- for column in columns -%}coalesce({{ column }}, 0){{ " + " if not loop.last }}{%- endfor -%}
{%- endmacro %}
