"""The casts that are played: a small one within `make test`, larger ones on demand."""

from tests.marts_truth.worlds import Cast, Share

# Half a month around both changes of the clocks: 25 October in Europe, 1 November in the United States.
SMALL = Cast(
    start="2026-11-04T12:00:00+00:00",
    days=15,
    ads=6,
    shares=(
        # Two currencies and all platforms; a login that was revoked, in Madrid; leads on TikTok and LinkedIn, an
        # account in Chilean pesos, which the central bank does not quote; ads with mixed attribution settings.
        Share(31, {2: ()}),
        Share(52, {3: ()}),
        Share(53, {10: (), 5: ("meta_ads",)}),
    ),
)
DAYS_BETWEEN_READINGS = 6


def large(seeds: int, clients: int, days: int, ads: int) -> list[Cast]:
    """One cast a seed with all of its clients."""
    everything: dict[int, tuple[str, ...]] = dict.fromkeys(range(clients), ())
    return [Cast(SMALL.start, days, ads, (Share(seed, everything),)) for seed in range(101, 101 + seeds)]
