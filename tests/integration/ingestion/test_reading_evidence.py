"""What a reading leaves in the ledger beside its figures, and that a first difference does not count."""

from datetime import timedelta

import pytest

from tests.integration.ingestion.ad_world import FIRST_DAY, AdWorld, Ingestion

pytestmark = pytest.mark.integration

# As the platforms name their answers; Google's and LinkedIn's have a fixed length.
_REQUEST_IDS = {"google_ads": r"sandbox\d{15}", "meta_ads": r"A\d+", "linkedin_ads": r"AAY\d{19}=="}


def test_a_difference_that_is_gone_at_the_second_reading_never_counts(ad_world: AdWorld, fresh: Ingestion) -> None:
    account = ad_world.accounts["google_ads", "aurora-moda"]
    day = FIRST_DAY + timedelta(days=3)
    # Both calls of the first sandwich that hold the day are wrong by half a unit of money, the next two are right.
    ad_world.fault(
        "google_ads", account, "control_mismatch", amount="0.50", since=str(day), until=str(day), times=2
    )  # fmt: skip
    moving = ad_world.accounts["google_ads", "harbor-outdoor"]
    ad_world.fault("google_ads", moving, "moving_totals", amount="3.00", since=str(day), until=str(day))
    report = fresh.sync("google_ads")
    outcome = next(found for found in report.outcomes if found.account.account_id == account)
    assert outcome.held_days == {}
    assert fresh.held(account) == {}
    truth = ad_world.account_days("google_ads", [account])
    loaded = {key: values for key, values in fresh.loaded_days("google_ads").items() if key[0] == account}
    assert loaded == truth
    # The third and fourth call for the account's total: the other accounts asked twice.
    calls = fresh.rows(
        "select account_id, date_day, total_moved from ops.load_ledger "
        "where report = 'campaign_daily' and account_id in (%s, %s) and total_moved",
        account,
        moving,
    )
    assert calls == [(moving, day, True)]


@pytest.mark.parametrize("platform", _REQUEST_IDS)
def test_the_ledger_names_the_calls_of_each_report_as_the_platform_does(
    ad_world: AdWorld, fresh: Ingestion, platform: str
) -> None:
    fresh.sync(platform)
    named = fresh.rows(
        """select ledger.report, max(cardinality(request_ids)), min(cardinality(request_ids)),
            bool_and(name ~ %s), array_agg(distinct name)
        from ops.load_ledger as ledger
        inner join ops.report_definition as definition using (platform, report)
        left join unnest(request_ids) as name on true
        where platform = %s and complete and required group by 1""",
        f"^{_REQUEST_IDS[platform]}$",
        platform,
    )
    assert len(named) == 3
    for report, most, least, as_named, _ in named:
        assert 1 <= least <= most <= 5, report
        assert as_named, report
    # Control and detail are calls of their own, so no id stands at two reports.
    everything = [name for *_, names in named for name in names]
    assert len(everything) == len(set(everything))
