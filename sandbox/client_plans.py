"""What the agency agreed on with the clients of a world: how things are named, and what may be spent."""

from datetime import date
from typing import Any

from sandbox.world.model import MICROS, Client
from sandbox.world.names import BUDGETS, CREATIVES, WORDS

# Accounts deliver about two thirds of what the daily budgets of all campaigns that ever ran add up to.
_SPENT_SHARE = 0.65
_DAYS = 30
_CHANNELS = ("META", "GADS", "TT", "LI")
_COUNTED = ("meta_ads", "google_ads")
_SEASON = {"pt": "Black Friday", "en": "Cyber Week", "es": "Escapadas Otoño"}


def _part(name: str, *allowed: str, **more: Any) -> dict[str, Any]:
    return {"part": name, **more, **({"allowed": list(allowed)} if allowed else {})}


def _convention(level: str, delimiter: str, *parts: dict[str, Any]) -> dict[str, Any]:
    """Values with the delimiter inside are left out: a client file would be refused with them."""
    for part in parts:
        if "allowed" in part:
            part["allowed"] = [value for value in part["allowed"] if delimiter.strip() not in value]
    return {"level": level, "delimiter": delimiter, "parts": list(parts)}


def naming_of(client: Client) -> list[dict[str, Any]]:
    """The conventions behind the names of ``sandbox.world.names``, without the mistakes."""
    if not client.language:
        return []
    words = WORDS[client.language]
    objective = _part("objective", *words["obj"])
    funnel = _part("funnel", *words["funnel"])
    theme = _part("theme", *words["theme"])
    audience = _part("audience", *words["audience"])
    budget = _part("budget_type", *BUDGETS)
    version = _part("version", "v#", required=False)
    campaigns: dict[str, tuple[tuple[str, tuple[dict[str, Any], ...]], ...]] = {
        "pt": (
            ("[]", (objective, budget, funnel, _part("free"))),
            ("_", (_part("free", "SO"), _part("channel", *_CHANNELS), objective, theme, audience, budget)),
            (" | ", (theme, objective, funnel, audience, version)),
            ("_", (_part("free", "PS"), objective, theme, _part("country", "BR"), funnel)),
        ),
        "en": (
            ("_", (_part("country", "US"), objective, funnel, audience, budget, _part("date", "####Q#"))),
            (" | ", (theme, objective, funnel, version)),
            ("~", (_part("country", "us", prefix="g:"), {**funnel, "prefix": "f:"}, {**objective, "prefix": "o:"},
                   {**theme, "prefix": "t:"})),
            (" - ", (objective, theme, audience)),
        ),
        "es": (
            ("_", (_part("country", "ES"), objective, theme, funnel, _part("date", "####"))),
            (" / ", (_part("free"), audience, funnel)),
            (" - ", (theme, objective, budget)),
        ),
    }  # fmt: skip
    return [
        *(
            _convention("campaign", delimiter, *(dict(part) for part in parts))
            for delimiter, parts in campaigns[client.language]
        ),
        _convention("ad_group", " | ", dict(audience), dict(funnel), dict(version)),
        _convention("ad", "_", _part("creative", *CREATIVES), dict(theme), _part("version", "##")),
    ]


def _round(amount: float) -> int:
    """To two leading digits, as people plan."""
    unit = int(10 ** max(len(str(int(amount))) - 2, 0))
    return round(amount / unit) * unit


def budgets_of(client: Client, first_month: date) -> list[dict[str, Any]]:
    """Budgets of the client, of two platforms and of its season; the other platforms have none."""
    planned: dict[tuple[str, str], float] = {}
    for account in client.accounts:
        daily = sum(campaign.daily_budget_micros for campaign in account.campaigns) / MICROS
        if daily and client.language:
            key = (account.platform, account.currency)
            planned[key] = planned.get(key, 0.0) + daily * _DAYS * _SPENT_SHARE
    if not planned:
        return []
    month = f"{first_month:%Y-%m}"
    at_home = sum(amount for (_, currency), amount in planned.items() if currency == client.reporting_currency)
    budgets: list[dict[str, Any]] = [{"amount": _round(at_home), "first_month": month}] if at_home else []
    for platform in _COUNTED:
        currencies = [currency for name, currency in planned if name == platform]
        if len(currencies) == 1:
            amount = _round(planned[platform, currencies[0]])
            scope = {"platform": platform, "currency": currencies[0]}
            budgets.append({"amount": amount, "first_month": month, **scope})
    season = _SEASON[client.language]
    group = {"name": season, "campaign_names": [f"*{season}*"]}
    if at_home:
        budgets.append({"amount": _round(at_home / 4), "first_month": month, "campaign_group": group})
    return budgets
