"""What people see of the gate's checks in Dagster and in Data Docs, on a build with rows that are wrong on purpose."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from build_world import DAY, NOW, BuildWorld

from foundation.database import Connection
from orchestration.assets.publication import CERTIFICATES, certificates
from orchestration.checks.expectations import CHECK_RUNS, expectations
from orchestration.resources import PlatformResource, PublishingResource
from quality.data_docs import KEPT_BUILDS, DataDocs, index_page
from quality.expectation_list import EXPECTATIONS
from quality.expectations import run_expectations

pytestmark = pytest.mark.integration
CAMPAIGNS = "fct_campaign_performance_daily"
SEARCH_TERMS = "fct_search_terms_daily"
# A person's search, as a platform might report it, and what must reach nobody of it.
TYPED = "maria lopez https://shop.example/cart?token=EAAB1234567890abcdefgh"
NEVER_SHOWN = ("maria", "lopez", "EAAB1234567890", "cart?token")


@dataclass(frozen=True)
class Screen:
    """A build's check evaluations with their metadata as plain values, and the site."""

    build_id: str
    succeeded: bool
    evaluations: dict[tuple[str, str], dg.AssetCheckEvaluation]
    events: str
    index: Path

    def metadata(self, asset: str, check: str) -> dict[str, Any]:
        return {name: value.value for name, value in self.evaluations[asset, check].metadata.items()}

    def rows(self, asset: str, check: str, name: str) -> list[dict[str, Any]]:
        value = self.evaluations[asset, check].metadata[name]
        assert isinstance(value, dg.TableMetadataValue)
        return [dict(record.data) for record in value.records]


def plant(world: BuildWorld) -> None:
    """Three days of account 1, one of account 2, each with a campaign of 2 x 10.50 EUR; what is wrong is told below."""
    for account in ("1", "2"):
        world.account(account)
    for back in range(3):
        world.account_day("1", DAY - timedelta(days=back))
    world.account_day("2")
    # Converted to 25.00 at rate 1: held.
    world.run(
        f"update analytics_build.{CAMPAIGNS} set spend_reporting = 25 where account_id = '1' and date_day = %s", DAY
    )
    # A search term without clicks: held. What the person typed must not be told.
    world.run(
        f"""insert into analytics_build.{SEARCH_TERMS} (client_id, platform, account_id, date_day, campaign_id,
            ad_group_id, search_term, match_type, version, account_currency, reporting_currency, fx_rate, fx_rate_date,
            spend, spend_reporting, impressions, clicks)
        values ('acme', 'meta_ads', '2', %s, 'C1', 'G1', %s, 'exact', 'v1', 'EUR', 'EUR', 1, %s, 1, 1, 5, null)""",
        DAY, TYPED, DAY,
    )  # fmt: skip
    # The platform counted 5 clicks more on the eldest day than arrived.
    world.control_totals("1", DAY - timedelta(days=2), spend="21.00", impressions="200", clicks="19")


@pytest.fixture
def screen(world: BuildWorld, warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    plant(world)
    (tmp_path / "clock").write_text(NOW.isoformat())
    monkeypatch.setenv("MDP_WAREHOUSE_URL", warehouse_url)
    monkeypatch.setenv("MDP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MDP_CLOCK_FILE", str(tmp_path / "clock"))
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [expectations, certificates],
            instance=instance,
            resources={"platform": PlatformResource(), "publishing": PublishingResource()},
            selection=dg.AssetSelection.assets(CHECK_RUNS, CERTIFICATES)
            | dg.AssetSelection.checks(*expectations.check_keys),
            raise_on_error=False,
        )
        evaluations = {
            (evaluation.asset_key.path[-1], evaluation.check_name): evaluation
            for evaluation in result.get_asset_check_evaluations()
        }
        events = "\n".join(str(entry) for entry in instance.all_logs(result.run_id))
        yield Screen(result.run_id, result.success, evaluations, events, index_page(tmp_path))


def test_each_check_tells_its_figures_its_money_and_its_failing_rows_and_stops_nothing(screen: Screen) -> None:
    assert screen.succeeded
    assert {name for _, name in screen.evaluations} == {
        "equal_to_the_platform",
        *(expectation.check for expectation in EXPECTATIONS),
    }
    wrong = screen.metadata(CAMPAIGNS, "spend_converted_at_rate")
    assert wrong["status"] == "failed"
    assert wrong["build"] == screen.build_id
    assert (wrong["account-days checked"], wrong["account-days failing"], wrong["account-days held"]) == (4, 1, 1)
    assert (wrong["rows checked"], wrong["rows failing"]) == (4, 1)
    assert wrong["spend at stake"] == "25.00 EUR"
    assert screen.rows(CAMPAIGNS, "spend_converted_at_rate", "failing rows") == [
        {
            "client_id": "acme", "platform": "meta_ads", "account_id": "1", "date_day": "2026-03-05",
            "campaign_id": "C1", "spend": "21", "fx_rate": "1", "spend_reporting": "25",
        }
    ]  # fmt: skip
    [unit] = screen.rows(CAMPAIGNS, "spend_converted_at_rate", "failing account-days")
    assert (unit["client"], unit["account"], unit["day"]) == ("acme", "1", "2026-03-05")
    evaluation = screen.evaluations[CAMPAIGNS, "spend_converted_at_rate"]
    assert (evaluation.passed, evaluation.severity, evaluation.blocking) == (False, dg.AssetCheckSeverity.ERROR, False)

    right = screen.metadata(CAMPAIGNS, "grain_unique")
    assert (right["status"], right["account-days held"], right["spend at stake"]) == ("passed", 0, "none")
    assert "failing rows" not in right

    told = screen.metadata("certificate", "equal_to_the_platform")
    assert (told["account-days checked"], told["account-days failing"], told["account-days held"]) == (4, 1, 1)
    assert told["spend at stake"] == "21.00 EUR"
    [unit] = screen.rows("certificate", "equal_to_the_platform", "failing account-days")
    assert unit["day"] == "2026-03-03"
    assert "clicks" in unit["finding"]


def test_the_site_shows_what_failed_and_what_somebody_typed_is_shown_nowhere(
    screen: Screen, connection: Connection
) -> None:
    [row] = screen.rows(SEARCH_TERMS, "metrics_not_null", "failing rows")
    assert row["clicks"] is None
    assert (row["account_id"], row["campaign_id"], row["match_type"]) == ("2", "C1", "exact")
    assert "search_term" not in row
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(detail, ' ') from ops.check_failure")
        [details] = cursor.fetchone() or ("",)
    site = "".join(
        path.read_text(encoding="utf-8")
        for path in screen.index.parents[1].rglob("*")
        if path.suffix in (".html", ".json")
    )
    for text in NEVER_SHOWN:
        assert text not in screen.events
        assert text not in details
        assert text not in site

    page = Path(screen.metadata(CAMPAIGNS, "spend_converted_at_rate")["Data Docs"])
    shown = page.read_text(encoding="utf-8")
    assert "whose converted spend is not spend times the exchange rate" in shown
    assert screen.build_id in shown
    assert "Failed" in shown
    # The pages come from a template that asks the vendor for its logo.
    assert "great-expectations-web-assets" not in shown
    assert CAMPAIGNS in screen.index.read_text(encoding="utf-8")


def test_old_builds_leave_the_site(world: BuildWorld, warehouse_url: str, tmp_path: Path) -> None:
    plant(world)
    own = [expectation for expectation in EXPECTATIONS if expectation.table.name == CAMPAIGNS]
    results: list[Any] = []
    run_expectations(warehouse_url, build_id="first", now=NOW, expectations=own, show=results.append)
    for number in range(KEPT_BUILDS + 2):
        docs = DataDocs(tmp_path, build_id=f"build-{number}", now=NOW + timedelta(hours=number))
        for result in results:
            docs.add(result)
        assert docs.build() == index_page(tmp_path)
    kept = {f"build-{number}" for number in range(2, KEPT_BUILDS + 2)}
    pages = index_page(tmp_path).parent / "validations" / CAMPAIGNS
    assert {path.name for path in pages.iterdir()} == kept
    assert {path.name for path in (tmp_path / "data-docs" / "results" / CAMPAIGNS).iterdir()} == kept
    index = index_page(tmp_path).read_text(encoding="utf-8")
    assert "build-11" in index
    assert "build-1/" not in index


def test_a_site_that_cannot_be_written_stops_nothing(world: BuildWorld, warehouse_url: str, tmp_path: Path) -> None:
    plant(world)
    (tmp_path / "data-docs").write_text("a file where the site's folder should be")
    docs = DataDocs(tmp_path, build_id="b", now=NOW)
    own = [expectation for expectation in EXPECTATIONS if expectation.check == "spend_converted_at_rate"][:1]
    run_expectations(warehouse_url, build_id="b", now=NOW, expectations=own, show=docs.add)
    assert docs.build() is None
