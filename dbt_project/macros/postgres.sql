{# With materializations/report_view.sql, all that only PostgreSQL understands. Another engine needs these macros written anew. #}

{# The rows of `relation` that belong to the pending account-days, aliases `pending` and `detail`.
   Lateral with offset 0 pins one index probe per account-day: cost follows the window, never the history. #}
{% macro pending_rows(relation, keys=['client_id', 'platform', 'account_id', 'date_day']) %}
    {{ source('ops', 'pending_account_day') }} as pending
    cross join lateral (
        select candidate.*
        from {{ relation }} as candidate
        where
            {% for key in keys -%}
            candidate.{{ key }} = pending.{{ key }}
            {{- " and " if not loop.last }}
            {% endfor %}
        offset 0
    ) as detail
{% endmacro %}

{# Incremental strategy: every pending account-day goes, also those that now have no rows, then the new rows come. #}
{% macro get_incremental_account_day_replacement_sql(arg_dict) %}
    {%- set target_relation = arg_dict['target_relation'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='name') | join(', ') -%}
    {# A second dbt that lost its parent may still run: without the lock both would insert the same days. #}
    lock table {{ target_relation }} in share row exclusive mode;
    delete from {{ target_relation }}
    where ctid = any (array(
        select replaced.row_address
        from {{ source('ops', 'pending_account_day') }} as pending
        cross join lateral (
            select candidate.ctid as row_address
            from {{ target_relation }} as candidate
            where
                candidate.client_id = pending.client_id and candidate.platform = pending.platform
                and candidate.account_id = pending.account_id and candidate.date_day = pending.date_day
            offset 0
        ) as replaced
    ));
    insert into {{ target_relation }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }}
{% endmacro %}

{# A table made anew has no statistics, and the certificate reads it before autovacuum comes by. #}
{% macro analyze_when_new() %}
    {% if not is_incremental() %}analyze {{ this }}{% endif %}
{% endmacro %}

{# One row per action type of Meta's two lists, alias `counted`; a value without a count keeps its row. #}
{% macro meta_actions_counted(row) -%}
    cross join lateral (
        select
            entry ->> 'action_type' as action_type,
            coalesce(sum((entry ->> 'value')::numeric) filter (where list.metric = 'conversions'), 0) as conversions,
            coalesce(sum((entry ->> 'value')::numeric) filter (where list.metric = 'value'), 0) as conversions_value
        from
            (
                values ('conversions', {{ row }}.actions), ('value', {{ row }}.action_values)
            ) as list (metric, entries)
        cross join lateral jsonb_array_elements(coalesce(list.entries, '[]')) as entry
        group by entry ->> 'action_type'
    ) as counted
{%- endmacro %}

{# Keys as one text. PostgreSQL takes several equal columns for independent, expects a single row and loops over all. #}
{% macro join_key(alias, columns) -%}
    concat_ws('/'{% for column in columns %}, {{ alias }}.{{ column }}{% endfor %})
{%- endmacro %}

{# Whether an optional report is part of the account-day: report_versions of ops.account_day names it. #}
{% macro has_report(report_versions, report) -%}
    jsonb_exists({{ report_versions }}, '{{ report }}')
{%- endmacro %}

{# One row per day from first to last, column date_day. #}
{% macro days_between(first_day, last_day) %}
    select days.date_day::date as date_day
    from generate_series({{ first_day }}::timestamp, {{ last_day }}::timestamp, interval '1 day') as days (date_day)
{% endmacro %}

{% macro calendar_text(day, pattern) -%}
    to_char({{ day }}, '{{ pattern }}')
{%- endmacro %}

{# The words of a JSON list as one text: ["A", "B"] -> 'A, B'; null where there are none. #}
{% macro words_of(list) -%}
    (
        select string_agg(words.word #>> '{}', ', ' order by words.place)
        from jsonb_path_query({{ list }}, '$[*]') with ordinality as words (word, place)
    )
{%- endmacro %}

{# The alphabetically first key of a JSON object; null where it has none or is no object. #}
{% macro first_key(object) -%}
    (
        select min(keys.name #>> '{}')
        from jsonb_path_query({{ object }}, '$.keyvalue().key', '{}', true) as keys (name)
    )
{%- endmacro %}

{# A list of {"key", "value"} as the query string that it stands for. #}
{% macro query_string(pairs) -%}
    (
        select string_agg(concat_ws('=', pair.entry ->> 'key', pair.entry ->> 'value'), '&' order by pair.place)
        from jsonb_path_query({{ pairs }}, '$[*]') with ordinality as pair (entry, place)
    )
{%- endmacro %}

{# The instant at which the clocks of a zone show a time that names no zone. #}
{% macro instant_in_zone(wall_clock, zone) -%}
    nullif({{ wall_clock }}, '')::timestamp at time zone {{ zone }}
{%- endmacro %}

{# The day that the clocks of a zone show at an instant. #}
{% macro day_in_zone(instant, zone) -%}
    ({{ instant }} at time zone {{ zone }})::date
{%- endmacro %}
