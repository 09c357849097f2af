"""What people are told of a settled month that is not the platform's total."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from alerting.facts import MonthFacts
from alerting.messages import month_differs, month_resolved, month_title

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
FACTS = MonthFacts(
    client_id="shop", client_name="Shop & Co", platform="meta_ads", account_id="77", account_name="Shop EU",
    month=date(2026, 9, 1), first_day=date(2026, 9, 1), verdict="differs",
    differences={"spend": Decimal("-1060.05"), "clicks": Decimal("-12")},
    reason="shop meta_ads 77 2026-09: spend: … Next: `mdp sync meta_ads`, then `mdp publish`", since=NOW,
)  # fmt: skip


def test_the_message_names_client_account_month_amounts_and_next_step() -> None:
    told = str(month_differs(FACTS).payload())
    for text in ("Shop &amp; Co", "Shop EU (77)", "Meta Ads", "2026-09", "spend -1,060.05", "clicks -12", "mdp sync"):
        assert text in told
    assert "&amp;amp;" not in told
    assert "more than 0.5 %" in told
    assert "within 0.5 %" in str(month_differs(FACTS.model_copy(update={"verdict": "warned"})).payload())


def test_the_end_of_it_is_told_with_how_long_it_took() -> None:
    assert "Resolved after 2 d 3 h" in month_resolved(FACTS, NOW + timedelta(days=2, hours=3)).text
    assert month_title(FACTS) == "2026-09: Shop &amp; Co · Meta Ads · Shop EU"


def test_a_month_is_one_incident_whatever_differs_of_it() -> None:
    other = FACTS.model_copy(update={"verdict": "warned", "differences": {"clicks": Decimal(1)}})
    assert other.fingerprint == FACTS.fingerprint == "settled_month/shop/meta_ads/77/2026-09-01"
    assert MonthFacts.from_json(FACTS.as_json()) == FACTS
