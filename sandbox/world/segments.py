"""Which values a breakdown has on each platform, in the platform's own words, and their usual weights."""

from sandbox.world.creatives import LANGUAGES
from sandbox.world.model import PERFORMANCE_MAX, Account, Campaign

Shares = list[tuple[str, int]]

_COUNTRIES: dict[str, Shares] = {
    "BR": [("BR", 960), ("PT", 25), ("US", 15)],
    "US": [("US", 900), ("CA", 70), ("GB", 30)],
    "GB": [("GB", 940), ("IE", 60)],
    "ES": [("ES", 880), ("MX", 70), ("PT", 50)],
    "JP": [("JP", 1000)],
    "CL": [("CL", 950), ("AR", 50)],
}
_REGIONS: dict[str, Shares] = {
    "BR": [("São Paulo", 420), ("Rio de Janeiro", 180), ("Minas Gerais", 150), ("Bahia", 100), ("Ceará", 80)],
    "US": [("California", 300), ("New York", 250), ("Texas", 220), ("Washington", 120), ("Hawaii", 40)],
    "GB": [("England", 850), ("Scotland", 100), ("Wales", 50)],
    "ES": [("Comunidad de Madrid", 380), ("Cataluña", 330), ("Andalucía", 190), ("País Vasco", 100)],
    "JP": [("Tokyo", 500), ("Osaka", 300), ("Hokkaido", 200)],
    "CL": [("Región Metropolitana", 700), ("Valparaíso", 300)],
}
_LANGUAGES: dict[str, Shares] = {
    language: [(language, 930), ("en" if language != "en" else "es", 70)] for language in set(LANGUAGES.values())
}
_DEVICES: dict[str, Shares] = {
    "meta_ads": [("mobile_app", 820), ("mobile_web", 60), ("desktop", 120)],
    "google_ads": [("MOBILE", 640), ("DESKTOP", 290), ("TABLET", 50), ("CONNECTED_TV", 20)],
    "tiktok_ads": [("ANDROID", 580), ("IPHONE", 380), ("IPAD", 30), ("PC", 10)],
    "linkedin_ads": [("MOBILE_APP", 560), ("DESKTOP_WEB", 330), ("MOBILE_WEB", 110)],
}
# Meta: publisher platform and position.
_PLACEMENTS: dict[str, Shares] = {
    "meta_ads": [
        ("facebook|feed", 300), ("instagram|instagram_stories", 220), ("instagram|feed", 190),
        ("instagram|instagram_reels", 140), ("facebook|marketplace", 50), ("facebook|facebook_reels", 50),
        ("audience_network|an_classic", 30), ("messenger|messenger_inbox", 20),
    ],
    "google_ads": [("youtube.com", 400), ("news.example.com", 300), ("games.example.org", 300)],
    "tiktok_ads": [("PLACEMENT_TIKTOK", 880), ("PLACEMENT_PANGLE", 90), ("PLACEMENT_GLOBAL_APP_BUNDLE", 30)],
    "linkedin_ads": [("ON_SITE", 880), ("OFF_SITE", 120)],
}  # fmt: skip
_OLDEST = {"tiktok_ads": ("45-54", "55+"), "linkedin_ads": ("35-54", "55+")}
_NETWORKS: dict[str, Shares] = {
    "SEARCH": [("SEARCH", 880), ("SEARCH_PARTNERS", 100), ("CONTENT", 20)],
    "DISPLAY": [("CONTENT", 1000)],
    "DEMAND_GEN": [("YOUTUBE", 500), ("DISCOVER", 300), ("GMAIL", 200)],
    PERFORMANCE_MAX: [("MIXED", 1000)],
}
_MEMBERS: dict[str, Shares] = {
    "job_function": [("urn:li:function:4", 260), ("urn:li:function:25", 220), ("urn:li:function:8", 200),
                     ("urn:li:function:12", 180), ("urn:li:function:16", 140)],
    "seniority": [("urn:li:seniority:3", 330), ("urn:li:seniority:4", 270), ("urn:li:seniority:6", 240),
                  ("urn:li:seniority:8", 160)],
    "industry": [("urn:li:industry:4", 300), ("urn:li:industry:27", 260), ("urn:li:industry:31", 240),
                 ("urn:li:industry:80", 200)],
    "company_size": [("SIZE_1", 80), ("SIZE_2_TO_10", 180), ("SIZE_11_TO_50", 260), ("SIZE_51_TO_200", 240),
                     ("SIZE_201_TO_500", 240)],
}  # fmt: skip


def _ages(platform: str) -> tuple[str, ...]:
    older = _OLDEST.get(platform, ("45-54", "55-64", "65+"))
    younger = ("18-24", "25-34") if platform == "linkedin_ads" else ("18-24", "25-34", "35-44")
    return (*younger, *older)


def _people(platform: str) -> Shares:
    weights = (170, 310, 250, 150, 80, 40)
    genders = (("female", 54), ("male", 43), ("unknown", 3))
    return [
        (f"{age}|{gender}", weights[place] * share)
        for place, age in enumerate(_ages(platform))
        for gender, share in genders
    ]


def shares_of(account: Account, campaign: Campaign | None, dimension: str) -> Shares:
    """Values with weights; empty where the platform has no such breakdown. An account's network is all networks."""
    match dimension:
        case "country":
            return _COUNTRIES[account.country]
        case "region":
            return _REGIONS[account.country]
        case "language":
            return _LANGUAGES[LANGUAGES[account.country]]
        case "device":
            return _DEVICES.get(account.platform, [])
        case "placement":
            return _PLACEMENTS.get(account.platform, [])
        case "age_gender":
            return _people(account.platform)
        case "network":
            if account.platform != "google_ads":
                return []
            return _NETWORKS.get(campaign.kind if campaign else "SEARCH", _NETWORKS["SEARCH"])
        case _:
            return _MEMBERS[dimension] if account.platform == "linkedin_ads" else []
