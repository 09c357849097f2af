"""Who the agency's clients are: four by name, any further ones generated from their number alone."""

import random
from dataclasses import dataclass

from sandbox.world.model import Goal, Platform
from sandbox.world.randomness import entity_key

AGENCY_META = "meta_agency"
AGENCY_GOOGLE = "google_agency"


@dataclass(frozen=True)
class AccountPlan:
    """One account: ``daily_budget`` in major units of ``currency``; ``credential`` None means the agency's."""

    platform: Platform
    name: str
    currency: str
    timezone: str
    daily_budget: float
    credential: str | None = None
    direct_access: bool = False
    mixed_attribution: bool = False


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

# The Meta login of this client has been revoked until somebody mends it.
REVOKED_CREDENTIAL = "meta_olivar"

_NAMED = (
    ClientPlan(
        "aurora-moda", "Aurora Moda", "pt", "BRL", _SAO_PAULO, "purchase", 180.0,
        (
            AccountPlan("meta_ads", "Aurora Moda - Meta", "BRL", _SAO_PAULO, 1400.0),
            AccountPlan("google_ads", "Aurora Moda - Google", "BRL", _SAO_PAULO, 900.0),
        ),
    ),
    ClientPlan(
        "clinica-vitale", "Clínica Vitale", "pt", "BRL", _SAO_PAULO, "lead", 0.0,
        (
            AccountPlan("meta_ads", "Clínica Vitale | Leads", "BRL", _SAO_PAULO, 350.0),
            AccountPlan("google_ads", "Clínica Vitale | Search", "BRL", _SAO_PAULO, 420.0),
        ),
    ),
    ClientPlan(
        "harbor-outdoor", "Harbor & Pine Outdoor", "en", "USD", _NEW_YORK, "purchase", 85.0,
        (
            AccountPlan("meta_ads", "Harbor & Pine US", "USD", _NEW_YORK, 900.0),
            AccountPlan("meta_ads", "Harbor & Pine Brasil", "BRL", _SAO_PAULO, 500.0),
            AccountPlan("google_ads", "Harbor & Pine US", "USD", _NEW_YORK, 1100.0, direct_access=True),
        ),
    ),
    ClientPlan(
        "olivar-viajes", "Olivar Viajes", "es", "EUR", _MADRID, "purchase", 420.0,
        (
            AccountPlan("meta_ads", "Olivar Viajes ES", "EUR", _MADRID, 650.0, credential=REVOKED_CREDENTIAL),
            AccountPlan("google_ads", "Olivar Viajes ES", "EUR", _MADRID, 800.0),
        ),
    ),
)  # fmt: skip

_FIRST = ("norte", "brisa", "vale", "granite", "maple", "cobre", "sierra", "lume", "prado", "willow", "faro", "onda")
_SECOND = ("moveis", "pets", "escola", "optics", "coffee", "dental", "bikes", "imoveis", "garden", "joias")
_GENERATED_PLACES = (
    ("pt", "BRL", _SAO_PAULO), ("en", "USD", _NEW_YORK), ("es", "EUR", _MADRID), ("en", "JPY", "Asia/Tokyo"),
    ("pt", "BRL", "America/Manaus"), ("en", "GBP", "Europe/London"),
)  # fmt: skip
# Major units of a currency that buy about what one US dollar buys in this market.
PRICE_LEVEL = {"USD": 1.0, "EUR": 0.75, "BRL": 1.6, "GBP": 0.8, "JPY": 110.0}


def _generated(seed: int, number: int) -> ClientPlan:
    chance = random.Random(entity_key(seed, "client", number))
    first = _FIRST[int(chance.random() * len(_FIRST))]
    second = _SECOND[int(chance.random() * len(_SECOND))]
    language, currency, zone = _GENERATED_PLACES[(number - 4) % len(_GENERATED_PLACES)]
    name = f"{first.title()} {second.title()} {number + 1}"
    level = PRICE_LEVEL[currency]
    budget = level * 60.0 * 12.0 ** chance.random()
    goal: Goal = "lead" if chance.random() < 0.35 else "purchase"
    return ClientPlan(
        f"{first}-{second}-{number + 1}", name, language, currency, zone, goal, level * 70.0,
        (
            AccountPlan("meta_ads", f"{name} Meta", currency, zone, budget, mixed_attribution=number == 5),
            AccountPlan("google_ads", f"{name} Google", currency, zone, budget * (0.5 + chance.random())),
        ),
    )  # fmt: skip


def client_plans(seed: int, count: int) -> tuple[ClientPlan, ...]:
    """The first ``count`` clients; a client's plan does not depend on how many others there are."""
    return tuple(_NAMED[number] if number < len(_NAMED) else _generated(seed, number) for number in range(count))
