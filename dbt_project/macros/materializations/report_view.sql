{# Replaces the definition in place: views of others that depend on it, and grants, survive. #}
{% materialization report_view, adapter='postgres' %}
    {% do refuse_to_report_on_the_build() %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') %}
        {{ get_assert_columns_equivalent(sql) }}
        create or replace view {{ target_relation }} as (
            {{ sql }}
        )
    {% endcall %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
