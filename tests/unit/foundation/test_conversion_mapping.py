"""The section `conversions` of a client file: which rules are accepted, what they become, what is told when wrong."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from foundation.conversion_mapping import Days, default_events, rule_rows
from foundation.registry import Client, RegistryError, read_client_file

CLIENT: dict[str, Any] = {
    "client": "padaria", "name": "Padaria", "reporting_currency": "BRL", "timezone": "America/Sao_Paulo",
    "active_from": date(2026, 8, 1),
    "accounts": [
        {"platform": platform, "account_id": "42", "currency": "BRL", "timezone": "UTC", "credential": "agency"}
        for platform in ("meta_ads", "google_ads")
    ],
}  # fmt: skip
PIXEL = "offsite_conversion.fb_pixel_purchase"


def read(folder: Path, *rules: dict[str, Any]) -> Client:
    path = folder / "padaria.yaml"
    path.write_text(yaml.safe_dump({**CLIENT, "conversions": list(rules)}), encoding="utf-8")
    return read_client_file(path)


def rule(family: str, platform: str = "meta_ads", **more: Any) -> dict[str, Any]:
    return {"family": family, "platform": platform, **more}


def test_events_of_meta_get_the_tier_that_their_name_shows(tmp_path: Path) -> None:
    events = ["omni_purchase", "purchase", PIXEL, "onsite_web_purchase", "donate_total", "donate_website"]
    rows = rule_rows(read(tmp_path, rule("purchase", events=events)).conversions, date(2026, 8, 1))
    assert [(row.event, row.tier) for row in rows] == [
        ("omni_purchase", 1), ("purchase", 2), (PIXEL, 3), ("onsite_web_purchase", 7), ("donate_total", 2),
        ("donate_website", 3),
    ]  # fmt: skip


def test_a_rule_becomes_rows_with_its_days_and_a_pattern_that_only_the_star_widens(tmp_path: Path) -> None:
    client = read(
        tmp_path,
        rule("lead", pattern="offsite_conversion.custom.*", to=date(2026, 9, 30)),
        rule("lead", "google_ads", events=[1973542282], **{"from": date(2026, 9, 1)}, counts=True),
        rule("contact", "google_ads", events=[]),
    )
    custom, action, nothing = rule_rows(client.conversions, client.active_from)
    assert (custom.event_pattern, custom.is_pattern, custom.tier) == (r"offsite\_conversion.custom.%", True, 3)
    assert (custom.active_from, custom.active_to) == (date(2026, 8, 1), date(2026, 9, 30))
    assert (custom.counts, custom.sets_headline) == (True, False)
    assert (action.event, action.active_from, action.active_to) == ("1973542282", date(2026, 9, 1), None)
    assert (action.counts, action.sets_headline) == (True, True)
    assert (nothing.event, nothing.family) == ("", "contact")


def test_only_purchases_and_leads_count_unless_the_platform_has_a_total_of_its_own(tmp_path: Path) -> None:
    client = read(
        tmp_path,
        rule("subscribe", events=["recurring_subscription_payment_total"]),
        rule("subscribe", "google_ads", events=["Newsletter"]),
    )
    assert [row.counts for row in rule_rows(client.conversions, client.active_from)] == [False, True]


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ([rule("sale", events=["x"])], r"padaria.yaml: conversions.0.family: .*'purchase', 'lead'"),
        ([rule("lead", "instagram", events=["x"])], r"conversions.0.platform: .*'meta_ads'"),
        ([rule("lead", event="x")], r"conversions.0.event: unknown key; allowed: family, .* from, to, counts"),
        ([rule("lead")], r"conversions.0: give exactly one of events .*, pattern .* or tiers"),
        ([rule("lead", events=["x"], pattern="y*")], r"conversions.0: give exactly one of"),
        ([rule("lead", pattern="x")], r"conversions.0: pattern 'x' has no \*; a single name belongs into events"),
        ([rule("lead", events=["x*"])], r"conversions.0: events are exact names or ids; a name with \* belongs into"),
        ([rule("lead", "google_ads", tiers=[["x"]])], r"conversions.0: tiers are for meta_ads"),
        (
            [rule("lead", events=["x"], to=date(2026, 8, 1), **{"from": date(2026, 9, 1)})],
            r"conversions.0: to 2026-08-01 lies before from 2026-09-01",
        ),
        (
            [rule("lead", events=["x"]), rule("contact", events=["x"], **{"from": date(2026, 9, 1)})],
            r"padaria.yaml: conversions: 'x' would belong to lead and to contact of meta_ads from 2026-09-01; leave it",
        ),
        (
            [rule("lead", pattern="custom.*"), rule("contact", events=["custom.7"])],
            r"'custom.\*' and 'custom.7' fit one event that would belong to lead and to contact of meta_ads on the same",
        ),
        (
            [rule("lead", pattern="a*c"), rule("contact", tiers=[["ab*"]])],
            r"'a\*c' and 'ab\*' fit one event that would belong to lead and to contact",
        ),
        (
            [rule("lead", events=["lead", "complete_registration"])],
            r"conversions: 'complete_registration' would belong to lead and, by the product's defaults, to sign_up of "
            r"meta_ads; give sign_up a rule of its own for the same days that leaves it out",
        ),
        (
            [rule("lead", pattern="*fb_pixel*")],
            r"conversions: '\*fb_pixel\*' fits 'offsite_conversion.fb_pixel_purchase', which would belong to lead and",
        ),
        (
            [rule("lead", events=["a"], counts=False), rule("lead", events=["b"], counts=True)],
            r"conversions: two rules for lead of meta_ads say counts: true and counts: false on the same days",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_key_and_what_to_do(
    tmp_path: Path, rules: list[dict[str, Any]], told: str
) -> None:
    with pytest.raises(RegistryError, match=told):
        read(tmp_path, *rules)


@pytest.mark.parametrize(
    "rules",
    [
        [rule("lead", events=["x"], to=date(2026, 8, 31)), rule("contact", events=["x"], **{"from": date(2026, 9, 1)})],
        [rule("lead", events=["x"]), rule("contact", "google_ads", events=["x"])],
        [rule("lead", pattern="a*c"), rule("contact", pattern="b*c")],
        [rule("lead", events=["lead", "complete_registration"]), rule("sign_up", events=[])],
        [
            rule("other", "google_ads", pattern="*", counts=False),
            rule("lead", "google_ads", events=["PHONE_CALL_LEAD"]),
        ],
    ],
)
def test_rules_that_never_claim_one_event_on_one_day_are_accepted(tmp_path: Path, rules: list[dict[str, Any]]) -> None:
    assert len(read(tmp_path, *rules).conversions) == len(rules)


def test_a_default_that_is_replaced_for_some_of_the_days_only_still_overlaps_on_the_others(tmp_path: Path) -> None:
    leads = rule("lead", events=["lead", "complete_registration"])
    sign_ups = rule("sign_up", events=[], **{"from": date(2026, 9, 1)})
    with pytest.raises(RegistryError, match=r"'complete_registration' would belong to lead and, by the product's"):
        read(tmp_path, leads, sign_ups)
    assert read(tmp_path, {**leads, "from": date(2026, 9, 1)}, sign_ups)


def test_days_taken_out_of_a_range_leave_the_parts_between() -> None:
    def november(first: int, last: int) -> Days:
        return Days(date(2026, 11, first), date(2026, 11, last))

    assert november(1, 30).without([november(20, 25), november(5, 9)]) == [
        november(1, 4), november(10, 19), november(26, 30),
    ]  # fmt: skip
    assert november(1, 30).without([Days(date(2026, 10, 1), date.max)]) == []
    assert november(1, 30).without([]) == [november(1, 30)]


def test_a_rule_moves_the_hash_of_the_accounts_of_its_platform_alone(tmp_path: Path) -> None:
    def hashes(*rules: dict[str, Any]) -> list[str]:
        client = read(tmp_path, *rules)
        return [client.account_hash(account) for account in client.accounts]

    meta, google = hashes()
    mapped_meta, mapped_google = hashes(rule("lead", events=["lead"]))
    assert mapped_meta != meta
    assert mapped_google == google
    assert hashes(rule("lead", events=["lead"], counts=True))[0] not in (meta, mapped_meta)


def test_every_default_has_one_family_and_totals_come_before_their_parts() -> None:
    defaults = default_events()
    rows = Path(__file__).parents[3].joinpath("dbt_project/seeds/conversion_defaults.csv").read_text(encoding="utf-8")
    assert len(defaults) == len(rows.strip().splitlines()) - 1
    assert defaults["meta_ads", "omni_purchase"].tier < defaults["meta_ads", "purchase"].tier
    assert defaults["meta_ads", "purchase"].tier < defaults["meta_ads", PIXEL].tier
