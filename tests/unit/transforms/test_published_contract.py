"""What a manifest says about the published tables, and which changes of it are refused."""

import pytest

from transforms.analytics_tables import Column, ContractChanged, published_tables, refuse_changes


def mart(name, published_by="account_day", group="marts", **changed):
    return {
        "resource_type": "model",
        "name": name,
        "description": "Two\n  lines.",
        "config": {"group": group, "meta": {"published_by": published_by, "primary_key": ["client_id"]} | changed},
        "columns": {"client_id": {"name": "client_id", "data_type": "text", "description": "Who."}},
    }


def manifest(*nodes):
    return {"nodes": {node["name"]: node for node in nodes}}


def test_dimensions_come_before_facts_and_other_groups_are_not_published():
    tables = published_tables(
        manifest(mart("fct_b"), mart("dim_z", "account"), mart("dim_a", "always"), mart("stg", group="staging"))
    )
    assert [table.name for table in tables] == ["dim_a", "dim_z", "fct_b"]
    assert tables[0].description == "Two lines."
    assert tables[0].columns == (Column("client_id", "text", "Who."),)


@pytest.mark.parametrize("meta", [{"published_by": "whole_table"}, {"primary_key": []}])
def test_a_mart_that_does_not_say_how_it_is_published_is_refused(meta):
    with pytest.raises(ValueError, match=r"mart fct: .*published_by"):
        published_tables(manifest(mart("fct", **meta)))


def test_an_added_column_is_no_refused_change():
    refuse_changes("fct", {"spend": "numeric"}, {"spend": "numeric", "reach": "bigint"})


def test_every_removed_or_retyped_column_is_named_with_the_next_step():
    with pytest.raises(ContractChanged) as refusal:
        refuse_changes("fct", {"spend": "numeric", "reach": "bigint"}, {"spend": "double precision"})
    message = str(refusal.value)
    assert "analytics.fct: column spend is numeric in analytics but double precision in the contract" in message
    assert "column reach is bigint in analytics but no longer in the contract" in message
    assert "migrat" in message
