"""Who follows an Instagram account, by age, gender, country and city, and when its followers are online."""

from datetime import date, datetime
from typing import Literal

from sandbox.world.breakdowns import apportion
from sandbox.world.instagram import follower_count
from sandbox.world.model import Account
from sandbox.world.randomness import entity_key

FEWEST_FOLLOWERS = 100
_MOST_VALUES = 45
_AGES = {"13-17": 30, "18-24": 240, "25-34": 340, "35-44": 210, "45-54": 110, "55-64": 50, "65+": 20}
_GENDERS = {"F": 560, "M": 380, "U": 60}
_COUNTRIES = (
    "BR", "US", "ES", "PT", "GB", "MX", "AR", "CL", "CO", "PE", "DE", "FR", "IT", "NL", "BE", "CH", "AT", "IE", "SE",
    "NO", "DK", "FI", "PL", "CZ", "RO", "HU", "GR", "TR", "IL", "AE", "SA", "IN", "ID", "PH", "TH", "VN", "MY", "SG",
    "JP", "KR", "AU", "NZ", "ZA", "NG", "KE", "MA", "EG", "UY", "PY", "BO", "EC", "VE", "CR", "PA", "DO", "GT",
)  # fmt: skip
_CITIES = {
    "BR": ("São Paulo, São Paulo", "Rio de Janeiro, Rio de Janeiro", "Belo Horizonte, Minas Gerais", "Salvador, Bahia"),
    "US": ("New York, New York", "Los Angeles, California", "Chicago, Illinois", "Seattle, Washington"),
    "ES": ("Madrid, Comunidad de Madrid", "Barcelona, Cataluña", "Sevilla, Andalucía", "Bilbao, País Vasco"),
    "GB": ("London, England", "Manchester, England", "Glasgow, Scotland"),
    "JP": ("Tokyo, Tokyo", "Osaka, Osaka"),
    "CL": ("Santiago, Región Metropolitana", "Viña del Mar, Valparaíso"),
}
# Share of followers whose particulars are known.
_KNOWN_SHARE = 0.91
_ONLINE_BY_HOUR = (9, 6, 4, 3, 3, 5, 10, 17, 24, 28, 31, 34, 37, 36, 33, 32, 34, 38, 44, 50, 54, 50, 38, 20)

Breakdown = Literal["age", "gender", "country", "city", "age,gender"]


def follower_demographics(account: Account, as_of: datetime, breakdown: Breakdown) -> list[tuple[tuple[str, ...], int]]:
    """The 45 greatest parts, as (values, people); nothing below 100 followers. The sum is below the count."""
    return _demographics(account, follower_count(account, as_of), "followers", breakdown)


def engaged_demographics(account: Account, as_of: datetime, breakdown: Breakdown) -> list[tuple[tuple[str, ...], int]]:
    """The same of the people who interacted lately, about a fifth of the followers."""
    return _demographics(account, follower_count(account, as_of) // 5, "engaged", breakdown)


def _demographics(account: Account, people: int, whom: str, breakdown: Breakdown) -> list[tuple[tuple[str, ...], int]]:
    if people < FEWEST_FOLLOWERS:
        return []
    weights = {
        values: weight * (800 + entity_key(account.key, whom, *values) % 400)
        for values, weight in _weights(account.country, breakdown).items()
    }
    parts = apportion(int(people * _KNOWN_SHARE), tuple(weights.values()))
    greatest = sorted(zip(weights, parts, strict=True), key=lambda part: (-part[1], part[0]))
    return [part for part in greatest[:_MOST_VALUES] if part[1]]


def _weights(home: str, breakdown: Breakdown) -> dict[tuple[str, ...], int]:
    match breakdown:
        case "age":
            return {(age,): weight for age, weight in _AGES.items()}
        case "gender":
            return {(gender,): weight for gender, weight in _GENDERS.items()}
        case "age,gender":
            return {
                (age, gender): weight * share for age, weight in _AGES.items() for gender, share in _GENDERS.items()
            }
        case "country":
            return {(country,): 9000 if country == home else 900 // (1 + n) for n, country in enumerate(_COUNTRIES)}
        case "city":
            own = {city: 4000 // (1 + n) for n, city in enumerate(_CITIES[home])}
            own |= {f"Cidade {n:02d}": 600 // n for n in range(1, 60)}
            return {(city,): weight for city, weight in own.items()}


def online_followers(account: Account, day: date) -> dict[str, int]:
    """Followers online by hour of a Pacific day: "0".."23"."""
    people = account.followers
    return {
        str(hour): people * share * (90 + entity_key(account.key, day.toordinal(), hour) % 20) // 10_000
        for hour, share in enumerate(_ONLINE_BY_HOUR)
    }
