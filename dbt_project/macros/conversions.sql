{# Meta counts one purchase under several action types: per family the first one present counts, families are added. #}
{% macro meta_conversions(actions) -%}
    {%- set families = {
        'purchase': ['omni_purchase', 'purchase', 'offsite_conversion.fb_pixel_purchase'],
        'lead': ['lead', 'offsite_conversion.fb_pixel_lead', 'onsite_conversion.lead_grouped'],
    } -%}
    {%- for action_types in families.values() %}
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
