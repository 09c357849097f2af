"""Writes the reference pages and the lineage picture that are made from the dbt project."""
