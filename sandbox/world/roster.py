"""Who the agency's clients are: four by name, any further ones generated from their number alone."""

import random
from dataclasses import dataclass, replace

from sandbox.world.model import AccountStatus, Goal, Platform
from sandbox.world.randomness import entity_key

AGENCY_CREDENTIALS: dict[Platform, str] = {
    "meta_ads": "meta_agency",
    "google_ads": "google_agency",
    "tiktok_ads": "tiktok_agency",
    "linkedin_ads": "linkedin_agency",
    "instagram": "instagram_agency",
}


@dataclass(frozen=True)
class AccountPlan:
    """One account: ``daily_budget`` in major units of ``currency``; ``credential`` None means the agency's.

    A budget of 0 means that nothing was ever set up in the account. ``followers``: Instagram only.
    """

    platform: Platform
    name: str
    currency: str
    timezone: str
    daily_budget: float
    credential: str | None = None
    direct_access: bool = False
    mixed_attribution: bool = False
    shared_conversions: bool = False
    status: AccountStatus = "active"
    followers: int = 0


@dataclass(frozen=True)
class ClientPlan:
    """One client before its accounts are filled with campaigns. ``language`` chooses the naming habits."""

    client_id: str
    name: str
    language: str
    reporting_currency: str
    timezone: str
    goal: Goal
    order_value: float
    accounts: tuple[AccountPlan, ...]


_SAO_PAULO, _NEW_YORK, _MADRID = "America/Sao_Paulo", "America/New_York", "Europe/Madrid"
# Instagram knows neither currency nor zone of an account: its days end in the Pacific zone.
_PACIFIC = "America/Los_Angeles"


def _instagram(username: str, currency: str, followers: int) -> AccountPlan:
    return AccountPlan("instagram", username, currency, _PACIFIC, 0.0, followers=followers)


# The Meta login of this client has been revoked until somebody mends it.
REVOKED_CREDENTIAL = "meta_olivar"

_NAMED = (
    ClientPlan(
        "aurora-moda", "Aurora Moda", "pt", "BRL", _SAO_PAULO, "purchase", 180.0,
        (
            AccountPlan("meta_ads", "Aurora Moda - Meta", "BRL", _SAO_PAULO, 1400.0),
            AccountPlan("google_ads", "Aurora Moda - Google", "BRL", _SAO_PAULO, 900.0),
            AccountPlan("tiktok_ads", "Aurora Moda | TikTok", "BRL", _SAO_PAULO, 450.0),
            _instagram("aurora.moda", "BRL", 48_200),
        ),
    ),
    ClientPlan(
        "clinica-vitale", "Clínica Vitale", "pt", "BRL", _SAO_PAULO, "lead", 0.0,
        (
            AccountPlan("meta_ads", "Clínica Vitale | Leads", "BRL", _SAO_PAULO, 350.0),
            AccountPlan("google_ads", "Clínica Vitale | Search", "BRL", _SAO_PAULO, 420.0),
            _instagram("clinicavitale", "BRL", 6_350),
        ),
    ),
    ClientPlan(
        "harbor-outdoor", "Harbor & Pine Outdoor", "en", "USD", _NEW_YORK, "purchase", 85.0,
        (
            AccountPlan("meta_ads", "Harbor & Pine US", "USD", _NEW_YORK, 900.0),
            AccountPlan("meta_ads", "Harbor & Pine Brasil", "BRL", _SAO_PAULO, 500.0),
            AccountPlan("google_ads", "Harbor & Pine US", "USD", _NEW_YORK, 1100.0, direct_access=True),
            AccountPlan("tiktok_ads", "Harbor & Pine TikTok", "USD", _NEW_YORK, 380.0),
            AccountPlan("linkedin_ads", "Harbor & Pine Wholesale", "USD", _NEW_YORK, 310.0),
            _instagram("harborandpine", "USD", 91_700),
        ),
    ),
    ClientPlan(
        "olivar-viajes", "Olivar Viajes", "es", "EUR", _MADRID, "purchase", 420.0,
        (
            AccountPlan("meta_ads", "Olivar Viajes ES", "EUR", _MADRID, 650.0, credential=REVOKED_CREDENTIAL),
            AccountPlan("google_ads", "Olivar Viajes ES", "EUR", _MADRID, 800.0),
            AccountPlan("linkedin_ads", "Olivar Viajes Empresas", "EUR", _MADRID, 260.0),
            _instagram("olivar_viajes", "EUR", 17_900),
        ),
    ),
)  # fmt: skip

_FIRST = ("norte", "brisa", "vale", "granite", "maple", "cobre", "sierra", "lume", "prado", "willow", "faro", "onda")
_SECOND = ("moveis", "pets", "escola", "optics", "coffee", "dental", "bikes", "imoveis", "garden", "joias")
_GENERATED_PLACES = (
    ("pt", "BRL", _SAO_PAULO), ("en", "USD", _NEW_YORK), ("es", "EUR", _MADRID), ("en", "JPY", "Asia/Tokyo"),
    ("pt", "BRL", "America/Manaus"), ("en", "GBP", "Europe/London"),
)  # fmt: skip
COUNTRY_OF_ZONE = {
    _SAO_PAULO: "BR", "America/Manaus": "BR", _NEW_YORK: "US", _MADRID: "ES", "Asia/Tokyo": "JP", "Europe/London": "GB",
    "America/Santiago": "CL",
}  # fmt: skip
# Major units of a currency that buy about what one US dollar buys in this market.
PRICE_LEVEL = {"USD": 1.0, "EUR": 0.75, "BRL": 1.6, "GBP": 0.8, "JPY": 110.0, "CLP": 600.0}
# Generated clients by number with something planted; ``_generated`` says what.
_MIXED_ATTRIBUTION, _EMPTY_ACCOUNTS, _CLOSED_ACCOUNTS, _SHARED_CONVERSIONS, _PESO_ACCOUNT = 5, 6, 7, 8, 10


def _generated(seed: int, number: int) -> ClientPlan:
    chance = random.Random(entity_key(seed, "client", number))
    first = _FIRST[int(chance.random() * len(_FIRST))]
    second = _SECOND[int(chance.random() * len(_SECOND))]
    language, currency, zone = _GENERATED_PLACES[(number - 4) % len(_GENERATED_PLACES)]
    name = f"{first.title()} {second.title()} {number + 1}"
    level = PRICE_LEVEL[currency]
    budget = level * 60.0 * 12.0 ** chance.random()
    goal: Goal = "lead" if chance.random() < 0.35 else "purchase"
    mixed = number == _MIXED_ATTRIBUTION
    accounts = [
        AccountPlan("meta_ads", f"{name} Meta", currency, zone, budget, mixed_attribution=mixed),
        AccountPlan("google_ads", f"{name} Google", currency, zone, budget * (0.5 + chance.random())),
        AccountPlan("tiktok_ads", f"{name} TikTok", currency, zone, budget * (0.2 + 0.4 * chance.random())),
    ]
    shared = number == _SHARED_CONVERSIONS
    linkedin = AccountPlan("linkedin_ads", f"{name} LinkedIn", currency, zone, budget * 0.4, shared_conversions=shared)
    if number % 2 == 0:
        accounts.append(linkedin)
    username = f"{first}.{second}{number + 1}"
    accounts.append(_instagram(username, currency, round(1200.0 * 60.0 ** chance.random())))
    accounts += _planted(number, name, [*accounts[:3], linkedin, accounts[-1]])
    client_id = f"{first}-{second}-{number + 1}"
    return ClientPlan(client_id, name, language, currency, zone, goal, level * 70.0, tuple(accounts))


def _planted(number: int, name: str, usual: list[AccountPlan]) -> list[AccountPlan]:
    """Further accounts of a generated client, one of each platform: all empty, all closed; or one in pesos."""
    if number == _EMPTY_ACCOUNTS:
        return [
            replace(plan, name=f"{name} (new, {plan.platform})", daily_budget=0.0, followers=0, mixed_attribution=False)
            for plan in usual
        ]
    if number == _CLOSED_ACCOUNTS:
        return [replace(plan, name=f"{name} (old, {plan.platform})", status="closed") for plan in usual]
    if number == _PESO_ACCOUNT:
        return [AccountPlan("meta_ads", f"{name} Chile", "CLP", "America/Santiago", 90_000.0)]
    return []


def client_plans(seed: int, count: int) -> tuple[ClientPlan, ...]:
    """The first ``count`` clients; a client's plan does not depend on how many others there are."""
    return tuple(_NAMED[number] if number < len(_NAMED) else _generated(seed, number) for number in range(count))
