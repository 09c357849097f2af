"""What goes to Slack keeps Slack's limits, pings nobody and says what a reader needs."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting import blocks, messages
from alerting.facts import DigestFacts, HeldAccount, HeldFacts, PlatformFigure, RestatedAccount, RunFacts
from ingestion.platforms import PLATFORMS

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
# Names as platforms let people write them, with the characters that Slack gives a meaning to.
nasty = st.one_of(
    st.text(max_size=400),
    st.text(alphabet="<>&!@#|*`_~:\n\u202e ", max_size=400),
    st.sampled_from(["<!channel>", "<@U123>", "&" * 5000, "<" * 5000, "a" * 9000, "\x00\u2028", ""]),
)


def held(**changes: object) -> HeldFacts:
    values: dict[str, object] = {
        "client_id": "acme",
        "client_name": "Acme",
        "platform": "meta_ads",
        "account_id": "1001",
        "account_name": "Acme Brasil",
        "cause": "unproved:short",
        "reason": "spend 10.00 against a control total of 12.00",
        "next_step": "wait",
        "held_since": NOW - timedelta(hours=5),
        "first_day": date(2026, 11, 17),
        "last_day": date(2026, 11, 19),
        "days": 3,
        "days_with_last_good": 1,
        "last_good_day": date(2026, 11, 16),
    }
    return HeldFacts.model_validate({**values, **changes})


def texts(message: blocks.Message) -> list[str]:
    """Every text that Slack would show."""
    found = [message.text]

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("text"), str) and "type" in value:
                found.append(value["text"])
            for item in value.values():
                walk(item)
        elif isinstance(value, list | tuple):
            for item in value:
                walk(item)

    walk(list(message.blocks))
    return found


def assert_within_slack_limits(message: blocks.Message) -> None:
    assert 1 <= len(message.text) <= 40_000
    assert 1 <= len(message.blocks) <= 50
    assert len(json.dumps([*message.blocks], ensure_ascii=False)) < 13_000 + 60 * len(message.blocks)
    for block in message.blocks:
        match block["type"]:
            case "header":
                assert 1 <= len(block["text"]["text"]) <= 150
            case "section" if "fields" in block:
                assert 1 <= len(block["fields"]) <= 10
                assert all(1 <= len(field["text"]) <= 2000 for field in block["fields"])
            case "section":
                assert 1 <= len(block["text"]["text"]) <= 3000
            case "context":
                assert 1 <= len(block["elements"]) <= 10
            case other:
                raise AssertionError(other)


def assert_harmless(message: blocks.Message) -> None:
    for text in texts(message):
        assert not re.search(r"<[!@#]", text)
        assert "<" not in text
        assert ">" not in text
        assert not re.sub(r"&(amp|lt|gt);", "", text).count("&")


@settings(deadline=None, max_examples=60)
@given(name=nasty, reason=nasty, step=nasty, account=nasty, cause=nasty)
def test_any_name_and_reason_makes_a_message_that_slack_takes_and_that_pings_nobody(
    name: str, reason: str, step: str, account: str, cause: str
) -> None:
    facts = held(client_name=name, reason=reason, next_step=step, account_name=account, cause=cause)
    for message in (
        messages.held_opened(facts),
        messages.held_changed(facts, held()),
        messages.held_resolved(facts, NOW),
    ):
        assert_within_slack_limits(message)
        assert_harmless(message)


@settings(deadline=None, max_examples=60)
@given(job=nasty, error=nasty, step=st.none() | nasty, run_id=nasty)
def test_any_error_of_a_run_makes_a_message_that_slack_takes(
    job: str, error: str, step: str | None, run_id: str
) -> None:
    facts = RunFacts(job=job, step=step, error=error, run_id=run_id, run_url=None, failing_since=NOW, failures=2)
    for message in (
        messages.run_failed(facts),
        messages.run_failed_again(facts),
        messages.run_recovered(facts, NOW),
    ):
        assert_within_slack_limits(message)
        assert_harmless(message)


@settings(deadline=None, max_examples=60)
@given(name=nasty, number=st.integers(0, 60))
def test_a_digest_of_any_length_stays_within_the_limits_and_counts_what_it_leaves_out(name: str, number: int) -> None:
    day = date(2026, 11, 19)
    account = {"platform": "meta_ads", "account_name": name, "first_day": day, "last_day": day, "days": 1}
    facts = DigestFacts(
        client_id="acme",
        client_name=name,
        day=day,
        reporting_currency="BRL",
        platforms=tuple(spend(platform=f"platform_{index}") for index in range(number)),
        held=tuple(HeldAccount(**account, account_id=str(index), reason=name) for index in range(number)),
        restated=tuple(
            RestatedAccount(**account, account_id=str(index), currency="USD", difference=Decimal("1.5"))
            for index in range(number)
        ),
        restated_since=NOW,
    )
    message = messages.digest(facts)
    assert_within_slack_limits(message)
    assert_harmless(message)


@settings(deadline=None, max_examples=60)
@given(text=nasty, limit=st.integers(1, 300))
def test_safe_text_never_exceeds_its_limit_and_never_cuts_an_entity(text: str, limit: int) -> None:
    result = blocks.safe(text, limit)
    assert len(result) <= limit
    assert re.fullmatch(r"(?:[^&<>]|&(?:amp|lt|gt);)*", result, re.DOTALL)
    assert "\n" not in result


def test_an_ad_called_channel_is_shown_as_text() -> None:
    message = messages.held_opened(held(account_name="<!channel> & friends"))
    assert "&lt;!channel&gt; &amp; friends" in message.text
    assert all(text["verbatim"] for text in mrkdwn_objects(message))


def mrkdwn_objects(message: blocks.Message) -> list[dict[str, object]]:
    found = []
    for block in message.blocks:
        candidates = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        found += [item for item in candidates if item and item["type"] == "mrkdwn"]
    return found


def test_a_held_message_names_client_account_window_reason_since_last_good_day_and_next_step() -> None:
    everything = "\n".join(texts(messages.held_opened(held())))
    for expected in (
        "Acme (acme)",
        "Acme Brasil (1001), Meta Ads",
        "2026-11-17 .. 2026-11-19 (3 days)",
        "spend 10.00 against a control total of 12.00",
        "2026-11-20 07:00 UTC",
        "2026-11-16",
        "2 days absent (not zero), 1 day with the last certified figures",
        "*Next step*\nwait",
    ):
        assert expected in everything


def test_the_fallback_text_alone_says_what_is_held_and_why() -> None:
    text = messages.held_opened(held()).text
    assert "Acme" in text
    assert "1001" in text
    assert "2026-11-17 .. 2026-11-19 (3 days)" in text
    assert "control total" in text


def test_a_resolve_message_tells_how_long_it_took() -> None:
    message = messages.held_resolved(held(), NOW)
    assert message.text.startswith("Resolved after 5 h: Acme")


def test_a_credential_that_holds_no_due_day_yet_says_so() -> None:
    facts = held(first_day=None, last_day=None, days=0, days_with_last_good=0)
    assert "no due day yet" in messages.held_opened(facts).text


def test_a_run_link_that_could_break_out_of_its_brackets_is_shown_as_text() -> None:
    facts = RunFacts(job="daily", step=None, error="boom", run_id="r1", run_url="http://ui/|x>", failing_since=NOW)
    assert not any("<http" in text for text in texts(messages.run_failed(facts)))
    facts = facts.model_copy(update={"run_url": "https://ui.example/runs/r1"})
    assert any("<https://ui.example/runs/r1|r1>" in text for text in texts(messages.run_failed(facts)))


def test_more_blocks_than_slack_takes_are_refused() -> None:
    with pytest.raises(ValueError, match="51 blocks"):
        blocks.message("x", [blocks.section("x")] * 51)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, "less than a minute"),
        (1, "1 min"),
        (60, "1 h"),
        (125, "2 h 5 min"),
        (1440, "1 d"),
        (4560, "3 d 4 h"),
        (-5, "less than a minute"),
    ],
)
def test_durations_are_told_in_two_units(minutes: int, expected: str) -> None:
    assert messages.duration(timedelta(minutes=minutes)) == expected


def spend(**changes: object) -> PlatformFigure:
    values: dict[str, object] = {
        "platform": "meta_ads",
        "yesterday": Decimal("110"),
        "day_before": Decimal("100"),
        "week_before": Decimal("220"),
        "accounts_expected": 2,
        "accounts_current": 2,
        "day_before_comparable": True,
        "week_before_comparable": True,
    }
    return PlatformFigure.model_validate({**values, **changes})


def digest(*platforms: PlatformFigure, currency: str = "BRL") -> blocks.Message:
    return messages.digest(
        DigestFacts(
            client_id="acme",
            client_name="Acme",
            day=date(2026, 11, 19),
            reporting_currency=currency,
            platforms=platforms,
            held=(),
            restated=(),
            restated_since=NOW,
        )
    )


def test_a_digest_compares_yesterday_with_the_day_before_and_the_same_weekday() -> None:
    lines = "\n".join(texts(digest(spend(yesterday=Decimal("1234.56"), day_before=Decimal("1000")))))
    assert "R$1,234.56" in lines
    assert "vs Wed +23.5%" in lines
    assert "vs last Thu +461.2%" in lines
    assert "2 of 2 accounts certified" in lines


def test_a_digest_adds_the_platforms_up() -> None:
    lines = "\n".join(texts(digest(spend(), spend(platform="google_ads", yesterday=Decimal("0.01")), currency="EUR")))
    assert "*All ad platforms*  €110.01" in lines
    assert "4 of 4 accounts certified" in lines


def views(**changes: object) -> PlatformFigure:
    return spend(
        **{"platform": "instagram", "measure": "views", "accounts_expected": 1, "accounts_current": 1, **changes}
    )


def test_views_have_a_line_of_their_own_and_no_part_in_the_sum_of_money() -> None:
    lines = "\n".join(texts(digest(spend(), spend(platform="tiktok_ads"), views(yesterday=Decimal(12345)))))
    assert "*All ad platforms*  R$220.00" in lines
    assert "*TikTok Ads*  R$110.00" in lines
    assert "*Instagram*  12,345 views" in lines
    assert "5 of 5 accounts certified" in digest(spend(), spend(platform="tiktok_ads"), views()).text


def test_a_client_without_ads_hears_of_views_and_of_no_money() -> None:
    message = digest(views(yesterday=Decimal(12400), day_before=Decimal(10000)))
    assert "*Instagram*  12,400 views  (vs Wed +24.0%" in "\n".join(texts(message))
    assert "spend" not in message.text


def test_a_day_that_is_not_due_yet_is_neither_missing_nor_zero() -> None:
    not_due = views(yesterday=None, accounts_expected=0, accounts_current=0, day_before=Decimal(10000))
    lines = "\n".join(texts(digest(spend(), not_due)))
    assert "*Instagram*  not due yet; Wed 10,000 views" in lines
    assert "no published figure" not in lines


@pytest.mark.parametrize("name", sorted(PLATFORMS))
def test_platforms_are_called_as_their_definitions_call_them(name: str) -> None:
    assert messages.platform_name(name) == PLATFORMS[name].definition.title


def test_an_absent_day_is_not_shown_as_zero() -> None:
    lines = "\n".join(texts(digest(spend(yesterday=None, accounts_current=0))))
    assert "no published figure" in lines
    assert "R$0" not in lines


@pytest.mark.parametrize(
    ("now", "before", "comparable", "expected"),
    [
        ("110", "100", True, "x +10.0%"),
        ("90", "100", True, "x -10.0%"),
        ("0", "100", True, "x -100.0%"),
        ("5", "0", True, "x new (was zero)"),
        ("0", "0", True, "x ±0%"),
        ("5", "4", False, "x not comparable (other accounts)"),
        ("5", None, True, "x no figure"),
        (None, "5", True, "x no figure"),
    ],
)
def test_a_change_is_a_percentage_or_says_why_there_is_none(
    now: str | None, before: str | None, comparable: bool, expected: str
) -> None:
    amounts = [None if value is None else Decimal(value) for value in (now, before)]
    assert messages.change(amounts[0], amounts[1], comparable, "x") == expected


def test_amounts_carry_the_places_of_their_currency() -> None:
    assert messages.money(Decimal("1234.5"), "JPY") == "¥1,234"
    assert messages.money(Decimal("1234.567"), "EUR") == "€1,234.57"
