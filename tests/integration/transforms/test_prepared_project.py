"""dbt runs on the project as it was prepared, in whatever database, and makes what it would make by parsing it."""

import shutil

import pytest

from docs.generator.lineage import LINEAGE, lineage_svg
from transforms import building

pytestmark = pytest.mark.integration

_RELATIONS = """
select class.relname, class.relkind, pg_get_viewdef(class.oid), obj_description(class.oid),
    array_agg((attribute.attname, format_type(attribute.atttypid, attribute.atttypmod),
        col_description(class.oid, attribute.attnum))::text order by attribute.attnum)
from pg_class as class
inner join pg_attribute as attribute on attribute.attrelid = class.oid and attribute.attnum > 0
where class.relnamespace = 'analytics_build'::regnamespace and class.relkind in ('r', 'v')
group by class.oid, class.relname, class.relkind
order by class.relname
"""


def built(warehouse):
    """Everything in the build schema: definitions, comments and the rows of the tables."""
    relations = warehouse.rows(_RELATIONS)
    tables = [name for name, kind, *_ in relations if kind == "r"]
    rows = {name: warehouse.rows(f"select row::text from analytics_build.{name} as row order by 1") for name in tables}
    return relations, rows


def test_a_build_from_the_prepared_project_makes_what_a_parsed_one_makes(two_clients, monkeypatch):
    two_clients.build()
    from_prepared = built(two_clients)
    assert len(from_prepared[1]["fct_ad_performance_daily"]) > 3
    two_clients.run("drop schema analytics_build cascade")
    monkeypatch.setattr(building, "parsed_project", lambda *_: None)
    two_clients.build()
    assert built(two_clients) == from_prepared


def views(warehouse):
    """Name and object id of each view of the build."""
    return dict(
        warehouse.rows(
            "select relname, oid from pg_class where relnamespace = 'analytics_build'::regnamespace and relkind = 'v'"
        )
    )


def test_views_that_stand_are_left_alone_and_are_all_made_again_once_somebody_touched_one(two_clients):
    two_clients.build()
    first = views(two_clients)
    assert len(first) > 70
    two_clients.build()
    assert views(two_clients) == first

    view = "analytics_build.stg_meta_ads__ad_daily"
    rows = two_clients.value(f"select count(*) from {view}")
    definition = two_clients.value("select pg_get_viewdef(%s::regclass)", view).rstrip(";")
    two_clients.run(f"create or replace view {view} as select * from ({definition}) as _ where false")
    two_clients.build()
    assert two_clients.value(f"select count(*) from {view}") == rows > 0
    again = views(two_clients)
    assert again.keys() == first.keys()
    assert not set(again.values()) & set(first.values())

    two_clients.run("drop view analytics_build.int_campaign_days cascade")
    two_clients.build()
    assert views(two_clients).keys() == first.keys()


def test_the_prepared_project_names_the_database_that_it_is_to_run_in():
    manifest = building.parsed_project(building.DBT_PROJECT_DIR, "build", "elsewhere")
    model = manifest.nodes["model.marketing_data_platform.dim_account"]
    assert (model.database, model.relation_name) == ("elsewhere", '"elsewhere"."analytics_build"."dim_account"')
    assert {source.relation_name.split(".")[0] for source in manifest.sources.values()} == {'"elsewhere"'}


def test_a_project_that_changed_since_it_was_prepared_is_left_to_dbt_to_parse(tmp_path):
    project = shutil.copytree(building.DBT_PROJECT_DIR, tmp_path / "project")
    assert building.parsed_project(project, "published", "elsewhere") is not None
    with (project / "models/marts/dim_account.sql").open("a") as model:
        model.write("-- changed\n")
    assert building.parsed_project(project, "published", "elsewhere") is None


def test_metrics_and_exposures_are_in_the_published_project_alone():
    """A metric in the build's manifest could be asked of figures that nobody certified."""
    build, published = (building.prepared_manifest(building.DBT_PROJECT_DIR, name) for name in ("build", "published"))
    for kind in ("metrics", "semantic_models", "exposures"):
        assert build[kind] == {}
        assert published[kind]
    schemas = {model["node_relation"]["schema_name"] for model in published["semantic_models"].values()}
    assert schemas == {"analytics"}


def test_the_lineage_picture_is_drawn_from_the_project_as_it_is():
    drawn = lineage_svg(building.prepared_manifest(building.DBT_PROJECT_DIR, "published"))
    assert drawn == LINEAGE.read_text(encoding="utf-8"), "run `make docs`"
