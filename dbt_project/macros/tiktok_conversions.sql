{# No channel is the total of an event: purchases and leads of website, app, shop, TikTok and offline are added. #}
{% macro tiktok_conversions() -%}
    complete_payment + total_purchase + onsite_shopping + onsite_total_purchase + offline_shopping_events
    + form + total_sales_lead + onsite_form + offline_form_events
{%- endmacro %}

{# total_complete_payment_rate is the value of the website's purchases, despite its name. #}
{% macro tiktok_conversions_value() -%}
    total_complete_payment_rate + total_purchase_value + total_onsite_shopping_value + onsite_total_purchase_value
    + offline_shopping_events_value
{%- endmacro %}
