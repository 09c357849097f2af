"""Ids as the platforms spell them. Objects are addressed by them, so they are drawn from keys and never counted."""

from collections.abc import Sequence

from sandbox.world.model import Platform

INT64_MAX = 2**63 - 1
# Lowest id and how many there are, by platform.
_ACCOUNTS: dict[Platform, tuple[int, int]] = {
    "meta_ads": (10**15, 9 * 10**15),
    "google_ads": (10**9, 9 * 10**9),
    "tiktok_ads": (7_000_000_000_000_000_000, 5 * 10**17),
    "linkedin_ads": (500_000_000, 20_000_000),
    "instagram": (17_841_400_000_000_000, 80_000_000_000),
}
_GOOGLE_OBJECTS = {"campaign": 10**10, "ad_group": 10**11}
_LINKEDIN_OBJECTS = {"campaign": (600_000_000, 99_000_000), "ad_group": (300_000_000, 290_000_000)}
_LINKEDIN_CREATIVES = (1_130_000_000, 2_800_000_000)


def account_id(platform: Platform, key: int) -> str:
    """Meta 16 digits, Google 10, TikTok 19 beginning with 7, LinkedIn 9, Instagram 17 beginning with 17841."""
    low, many = _ACCOUNTS[platform]
    return str(low + key % many)


def object_id(platform: Platform, kind: str, number: int, place: Sequence[object]) -> str:
    """Id of a campaign, ad_group or ad from a random number and its place in the account.

    Meta: 17 digits beginning with 1202; Google: 10-12 digits by kind; LinkedIn: 9 or 10; TikTok: 16 digits, of the
    account's second campaign and all in it 19 digits close to the greatest signed 64-bit number.
    """
    match platform:
        case "meta_ads":
            return str(12020000000000000 + number % 90_000_000_000_000)
        case "google_ads":
            low = _GOOGLE_OBJECTS.get(kind, 5 * 10**11)
            return str(low + number % low)
        case "tiktok_ads":
            if place[0] == 1:
                return str(INT64_MAX - number % 10**9)
            return str(1_700_000_000_000_000 + number % 150_000_000_000_000)
        case _:
            low, many = _LINKEDIN_OBJECTS.get(kind, _LINKEDIN_CREATIVES)
            return str(low + number % many)
