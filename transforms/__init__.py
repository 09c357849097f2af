"""From proved raw account-days to published figures: versions, the dbt build, publication, report views.

Imports ``foundation`` and libraries only; dbt itself is imported when a build runs.
"""
