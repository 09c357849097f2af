"""What `make clients` calls a difference."""

from decimal import Decimal

from tests.clients.comparison import account_days, compare_entities, compare_figures, figures_of, without_misreadings

TRUTH = [
    {"account_id": "1", "date_day": "2026-11-01", "ad_id": "7", "spend": "14.35", "impressions": 185, "clicks": 9},
    {"account_id": "1", "date_day": "2026-11-01", "ad_id": "8", "spend": "0.65", "impressions": 15, "clicks": 0},
]


def _read(**changes: str) -> dict[str, str]:
    row = {"level": "ad", "account_id": "1", "date_day": "2026-11-01", "ad_id": "7", "spend": "14.350",
           "impressions": "185", "clicks": "9"}  # fmt: skip
    return row | changes


OTHER = _read(ad_id="8", spend="0.65", impressions="15", clicks="0")


def _compare(rows: list[dict[str, str]], hidden: tuple[str, ...] = ()) -> tuple[int, tuple[str, ...], int]:
    found = compare_figures(figures_of(rows, "ad", ("ad_id",)), figures_of(TRUTH, "ad", ("ad_id",)), hidden)
    return found.compared, found.differences, found.explained


def test_the_same_amounts_in_other_spellings_are_no_difference() -> None:
    assert _compare([_read(), OTHER]) == (6, (), 0)


def test_a_cent_too_much_is_told_with_its_place() -> None:
    assert _compare([_read(spend="14.36"), OTHER])[1] == ("1/2026-11-01/7 spend: read 14.36, true 14.35",)


def test_a_missing_row_and_an_invented_one_differ_in_every_figure() -> None:
    differences = _compare([_read(), _read(ad_id="9", impressions="1", clicks="0", spend="0")])[1]

    assert differences == (
        "1/2026-11-01/8 spend: read no row, true 0.65",
        "1/2026-11-01/8 impressions: read no row, true 15",
        "1/2026-11-01/8 clicks: read no row, true 0",
        "1/2026-11-01/9 spend: read 0, true no row",
        "1/2026-11-01/9 impressions: read 1, true no row",
        "1/2026-11-01/9 clicks: read 0, true no row",
    )


def test_a_row_handed_out_twice_is_a_difference() -> None:
    assert "1/2026-11-01/7 clicks: read 18, true 9" in _compare([_read(), _read(), OTHER])[1]


def test_a_hidden_object_may_be_missing_but_not_wrong() -> None:
    assert _compare([_read()], hidden=("8",)) == (3, (), 1)
    assert _compare([_read(), OTHER | {"clicks": "1"}], hidden=("8",))[1] == ("1/2026-11-01/8 clicks: read 1, true 0",)


def test_linkedins_noise_far_below_a_micro_counts_as_nothing() -> None:
    noise = _read(ad_id="9", spend="-2E-18", impressions="0", clicks="0")

    assert _compare([_read(), OTHER, noise])[1] == ()


def test_a_known_misreading_is_taken_back_and_counted_but_nothing_else_is() -> None:
    true = figures_of([*TRUTH, TRUTH[0] | {"ad_id": "9", "spend": "0"}], "ad", ("ad_id",))
    read = figures_of([_read(spend="218"), OTHER, _read(ad_id="9", spend="218")], "ad", ("ad_id",))

    mended, count = without_misreadings(read, true, {"spend": ("218", "0")})

    assert count == 1
    assert compare_figures(mended, true).differences == ("1/2026-11-01/7 spend: read 218, true 14.35",)


def test_account_days_add_up_their_objects() -> None:
    sums = account_days(figures_of(TRUTH, "ad", ("ad_id",)))

    assert sums == {("1", "2026-11-01"): {"spend": Decimal(15), "impressions": Decimal(200), "clicks": Decimal(9)}}


def test_an_entity_in_another_state_or_not_listed_is_a_difference() -> None:
    true = {("1", "campaign", "5"): "PAUSED", ("1", "campaign", "6"): "ACTIVE"}
    found = compare_entities({("1", "campaign", "5"): "ACTIVE"}, true)

    assert found.compared == 2
    assert found.differences == (
        "1/campaign/5: listed as ACTIVE, true PAUSED",
        "1/campaign/6: listed as nothing, true ACTIVE",
    )
