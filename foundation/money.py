"""Money is exact: decimals in major units or integers in the currency's smallest unit, never floats."""

from decimal import Decimal
from functools import lru_cache

from babel.core import get_global

# ISO 4217 exponents where babel's CLDR table gives the habits of cash.
_ISO_EXPONENT_OVERRIDES = {
    **dict.fromkeys(("CLP", "ISK"), 0),
    **dict.fromkeys(("COP", "HUF", "IDR", "TWD"), 2),
    **dict.fromkeys(("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER"), 2),
    "IQD": 3,
}


@lru_cache
def known_currencies() -> frozenset[str]:
    """ISO 4217 codes that the platform accepts."""
    return frozenset(get_global("all_currencies"))


@lru_cache
def exponent(currency: str) -> int:
    """Decimal places of the currency's smallest unit (2 for EUR, 0 for JPY)."""
    if currency in _ISO_EXPONENT_OVERRIDES:
        return _ISO_EXPONENT_OVERRIDES[currency]
    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


def smallest_unit(currency: str) -> Decimal:
    """The currency's smallest unit in major units: 0.01 for EUR, 1 for JPY."""
    return Decimal(1).scaleb(-exponent(currency))
