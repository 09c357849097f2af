{# Full precision product, kept to six decimals; null where the account-day has no rate. #}
{% macro in_reporting_currency(amount, fx_rate='fx_rate') -%}
    round({{ amount }} * {{ fx_rate }}, 6)
{%- endmacro %}

{# A list of project values as SQL string literals. #}
{% macro text_list(values) -%}
    {%- for value in values -%}'{{ value }}'{{ ", " if not loop.last }}{%- endfor -%}
{%- endmacro %}
