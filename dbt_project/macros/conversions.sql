{# Sum over the families of vars.meta_conversion_families of the first action type that the row carries. #}
{% macro meta_conversions(actions) -%}
    {%- for family, action_types in var('meta_conversion_families').items() %}
    coalesce(
        {%- for action_type in action_types %}
        {{ meta_action_value(actions, action_type) }},
        {%- endfor %}
        0
    )
    {{- " + " if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# Full precision product, kept to six decimals; null where the account-day has no rate. #}
{% macro in_reporting_currency(amount, fx_rate='fx_rate') -%}
    round({{ amount }} * {{ fx_rate }}, 6)
{%- endmacro %}

{# A list of project values as SQL string literals. #}
{% macro text_list(values) -%}
    {%- for value in values -%}'{{ value }}'{{ ", " if not loop.last }}{%- endfor -%}
{%- endmacro %}
