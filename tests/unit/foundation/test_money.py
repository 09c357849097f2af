"""Money's smallest units are those of ISO 4217, not the habits of cash."""

from decimal import Decimal

import pytest

from foundation.money import exponent, known_currencies, smallest_unit

NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
TWO = "AED ALL ARS AUD BRL CAD CHF CNY COP CZK EUR GBP HUF IDR INR LBP MGA MMK MXN PKR PLN RSD TWD TZS USD UYU UZS ZAR"
THREE = "BHD IQD JOD KWD LYD OMR TND"


@pytest.mark.parametrize(("decimals", "currencies"), [(0, NONE), (2, TWO), (3, THREE)])
def test_every_currency_has_the_decimals_of_the_standard(decimals: int, currencies: str) -> None:
    assert {currency: exponent(currency) for currency in currencies.split()} == dict.fromkeys(
        currencies.split(), decimals
    )


def test_the_smallest_unit_is_exact() -> None:
    assert [str(smallest_unit(currency)) for currency in ("EUR", "JPY", "BHD")] == ["0.01", "1", "0.001"]
    assert isinstance(smallest_unit("EUR"), Decimal)


def test_codes_are_known_in_capitals_only() -> None:
    assert {"BRL", "USD", "EUR", "JPY"} <= known_currencies()
    assert "brl" not in known_currencies()
    assert "EURO" not in known_currencies()
