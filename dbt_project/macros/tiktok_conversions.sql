{# Purchases and leads of a row by event and channel: metrics that the reports of ads and of campaigns both have.
   total_complete_payment_rate is the value of the website's purchases, despite its name. #}
{% macro tiktok_purchases_and_leads(row) -%}
    values
    ('purchase.website', 'website', {{ row }}.complete_payment, {{ row }}.total_complete_payment_rate),
    ('purchase.app', 'app', {{ row }}.total_purchase, {{ row }}.total_purchase_value),
    ('purchase.shop', 'shop', {{ row }}.onsite_shopping, {{ row }}.total_onsite_shopping_value),
    ('purchase.tiktok', 'tiktok', {{ row }}.onsite_total_purchase, {{ row }}.onsite_total_purchase_value),
    ('purchase.offline', 'offline', {{ row }}.offline_shopping_events, {{ row }}.offline_shopping_events_value),
    ('form.website', 'website', {{ row }}.form, 0),
    ('sales_lead.app', 'app', {{ row }}.total_sales_lead, 0),
    ('form.tiktok', 'tiktok', {{ row }}.onsite_form, 0),
    ('form.offline', 'offline', {{ row }}.offline_form_events, 0)
{%- endmacro %}

{# Days of an attribution window that TikTok names in words; null where it is off. #}
{% macro tiktok_window_days(attribution_window) -%}
    case {{ attribution_window }}
        when 'ONE_DAY' then 1 when 'SEVEN_DAYS' then 7 when 'FOURTEEN_DAYS' then 14 when 'TWENTY_EIGHT_DAYS' then 28
    end
{%- endmacro %}
