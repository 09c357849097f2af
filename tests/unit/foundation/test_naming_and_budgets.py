"""Naming conventions and budgets of a client file: what is wrong is named with file, key and what is allowed."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from foundation.budgets import like_pattern
from foundation.registry import Client, RegistryError, read_client_file

THEME: dict[str, Any] = {"part": "theme", "allowed": ["Black Friday", "Natal"]}
FUNNEL: dict[str, Any] = {"part": "funnel", "allowed": ["tof", "bof"]}
RULE: dict[str, Any] = {"level": "campaign", "delimiter": " | ", "parts": [THEME, FUNNEL]}
BUDGET: dict[str, Any] = {"amount": 1000, "first_month": "2026-11"}
GROUP: dict[str, Any] = {"name": "season", "part": "theme", "values": ["Natal"]}


def read(folder: Path, **sections: Any) -> Client:
    content = {
        "client": "padaria", "name": "Padaria", "reporting_currency": "BRL", "timezone": "UTC",
        "active_from": date(2026, 8, 1), **sections,
    }  # fmt: skip
    path = folder / "padaria.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return read_client_file(path)


def test_conventions_and_budgets_are_read(tmp_path: Path) -> None:
    budget = {**BUDGET, "amount": "1234.50", "last_month": "2026-12", "campaign_group": GROUP}
    client = read(tmp_path, naming=[RULE, {**RULE, "platform": "tiktok_ads"}], budgets=[BUDGET, budget])
    assert [(rule.platform, rule.case, rule.parts_required) for rule in client.naming] == [
        (None, "as_listed", 2), ("tiktok_ads", "as_listed", 2),
    ]  # fmt: skip
    assert (client.budgets[1].amount, client.budgets[1].first_month, client.budgets[1].last_month) == (
        Decimal("1234.50"), date(2026, 11, 1), date(2026, 12, 1),
    )  # fmt: skip
    assert [budget.scope for budget in client.budgets] == [(None, None), (None, "season")]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"delimeter": "_"}, r"padaria.yaml: naming.0.delimeter: unknown key; allowed: level, platform, delimiter, "),
        ({"parts": [{**THEME, "values": []}, FUNNEL]}, r"naming.0.parts.0.values: unknown key; allowed: part, requir"),
        (
            {"parts": [{**THEME, "part": "season"}, FUNNEL]},
            r"naming.0.parts.0.part: Input should be 'client', .*'free'",
        ),
        ({"parts": [{**THEME, "allowed": []}, FUNNEL]}, r"naming.0.parts.0.allowed: .*at least 1 item"),
        (
            {"parts": [{**THEME, "allowed": [" Natal"]}, FUNNEL]},
            r"parts.0.allowed: ' Natal' begins or ends with a space",
        ),
        ({"parts": [THEME]}, r"naming.0.parts: .*at least 2 items"),
        ({"parts": [THEME, THEME]}, r"naming.0: part theme stands twice"),
        ({"parts": [{**THEME, "required": False}, FUNNEL]}, r"naming.0: parts that are not required come last"),
        ({"delimiter": "x"}, r"naming.0.delimiter: 'x' is no delimiter; write signs .* '_' or '~'"),
        ({"delimiter": " "}, r"naming.0.delimiter: ' ' is no delimiter"),
        ({"delimiter": "| "}, r"naming.0.delimiter: '\| ' is no delimiter"),
        ({"delimiter": " "}, r"is no delimiter"),
        (
            {"delimiter": " - ", "parts": [{"part": "theme", "allowed": ["a - b"]}, FUNNEL]},
            r"'a - b' contains the deli",
        ),
        (
            {"delimiter": "_", "parts": [{"part": "theme", "allowed": ["a_b"]}, FUNNEL]},
            r"part theme: .*'a_b' contains t",
        ),
        ({"delimiter": "[]", "parts": [{"part": "theme", "allowed": ["a]"]}, FUNNEL]}, r"'a\]' contains the delimiter"),
        ({"case": "lower"}, r"naming.0: part theme: allowed value 'Black Friday' breaks the rule `case: lower`"),
        ({"case": "title"}, r"naming.0.case: .*'as_listed', 'lower', 'upper' or 'any'"),
        ({"level": "account"}, r"naming.0.level: .*'campaign', 'ad_group' or 'ad'"),
        ({"platform": "instagram"}, r"naming.0.platform: .*'meta_ads', .*'linkedin_ads'"),
    ],
)
def test_a_wrong_convention_is_told(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    with pytest.raises(RegistryError, match=told):
        read(tmp_path, naming=[{**RULE, **change}])


def test_with_spaces_around_it_the_sign_alone_may_stand_in_a_value(tmp_path: Path) -> None:
    parts = [{"part": "theme", "allowed": ["trail-shoes"]}, FUNNEL]
    assert read(tmp_path, naming=[{**RULE, "delimiter": " - ", "parts": parts}]).naming[0].delimiter == " - "
    with pytest.raises(RegistryError, match="'trail-shoes' contains the delimiter '-'"):
        read(tmp_path, naming=[{**RULE, "delimiter": "-", "parts": parts}])


@pytest.mark.parametrize(
    ("budgets", "told"),
    [
        ([{**BUDGET, "amount": 0}], r"padaria.yaml: budgets.0.amount: .*greater than 0"),
        ([{**BUDGET, "amount": -5}], r"budgets.0.amount: .*greater than 0"),
        ([{**BUDGET, "amount": "1.234,50"}], r"budgets.0.amount: .*valid decimal"),
        ([{**BUDGET, "currency": "R$"}], r"budgets.0.currency: 'R\$' is no ISO 4217 currency"),
        ([{**BUDGET, "first_month": "2026-13"}], r"budgets.0.first_month: '2026-13' is no month; .*such as 2026-11"),
        ([{**BUDGET, "first_month": "11/2026"}], r"budgets.0.first_month: '11/2026' is no month"),
        ([{**BUDGET, "first_month": date(2026, 11, 1)}], r"budgets.0.first_month: '2026-11-01' is no month"),
        ([{**BUDGET, "last_month": "2026-10"}], r"budgets.0: last_month 2026-10 lies before first_month 2026-11"),
        ([{**BUDGET, "month": "2026-10"}], r"budgets.0.month: unknown key; allowed: amount, currency, first_month"),
        ([BUDGET, {**BUDGET, "first_month": "2027-02"}], r"budgets.0 and budgets.1 both hold 2027-02 for all pla"),
        ([{**BUDGET, "campaign_group": {"name": "x"}}], r"campaign_group: define the group in one way: campaign_ids"),
        ([{**BUDGET, "campaign_group": {**GROUP, "values": []}}], r"campaign_group: part and values go together"),
        ([{**BUDGET, "campaign_group": {**GROUP, "part": "format"}}], r"for part format, .*there are: funnel, theme"),
        ([{**BUDGET, "campaign_group": {"name": "x", "ids": ["1"]}}], r"campaign_group.ids: unknown key; allowed: na"),
        (
            [{**BUDGET, "campaign_group": GROUP},
             {**BUDGET, "platform": "meta_ads", "campaign_group": {"name": "season", "campaign_ids": ["1"]}}],
            r"budgets.1: campaign_group 'season' was defined in another way above",
        ),
    ],
)  # fmt: skip
def test_a_wrong_budget_is_told(tmp_path: Path, budgets: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(RegistryError, match=told):
        read(tmp_path, naming=[RULE], budgets=budgets)


def test_budgets_of_other_scopes_and_of_months_that_follow_do_not_overlap(tmp_path: Path) -> None:
    budgets = [
        {**BUDGET, "last_month": "2026-11"},
        {**BUDGET, "first_month": "2026-12"},
        {**BUDGET, "platform": "meta_ads"},
        {**BUDGET, "campaign_group": GROUP},
        {**BUDGET, "platform": "meta_ads", "campaign_group": GROUP},
    ]
    assert len(read(tmp_path, naming=[RULE], budgets=budgets).budgets) == 5


def test_neither_names_nor_budgets_decide_a_published_figure(tmp_path: Path) -> None:
    account = {"platform": "meta_ads", "account_id": "1", "currency": "BRL", "timezone": "UTC", "credential": "agency"}
    plain = read(tmp_path, accounts=[account])
    planned = read(tmp_path, accounts=[account], naming=[RULE], budgets=[BUDGET])
    assert planned.account_hash(planned.accounts[0]) == plain.account_hash(plain.accounts[0])


def test_a_star_stands_for_any_text_and_the_signs_of_like_for_themselves() -> None:
    assert like_pattern("*50%_off\\*") == "%50\\%\\_off\\\\%"
    assert like_pattern("Promoc\u0327a\u0303o") == "Promo\u00e7\u00e3o"
