{# Certified tables are written by the publication alone; dbt only reads them under the target `published`. #}
{% macro refuse_to_build_published_marts() %}
    {% if execute and target.name != 'build' %}
        {{ exceptions.raise_compiler_error(
            "marts are built with --target build; under --target " ~ target.name
            ~ " run reports only: dbt run --target published --select tag:report"
        ) }}
    {% endif %}
{% endmacro %}

{# A report over analytics_build would show figures that no one certified. #}
{% macro refuse_to_report_on_the_build() %}
    {% if target.name != 'published' %}
        {{ exceptions.raise_compiler_error(
            "reports read certified tables only: dbt run --target published --select tag:report"
        ) }}
    {% endif %}
{% endmacro %}
