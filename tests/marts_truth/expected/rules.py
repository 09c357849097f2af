"""What the product promises about platforms, written down again as plain data and not read from the product."""

from collections.abc import Mapping

AD_PLATFORMS = ("meta_ads", "google_ads", "tiktok_ads", "linkedin_ads")
# Days after date_day on which a day is final (docs/reference/platforms.md).
FINAL_AFTER_DAYS = {"meta_ads": 29, "google_ads": 31, "tiktok_ads": 29, "linkedin_ads": 31, "instagram": 4}
DUE_AFTER_HOURS = {"meta_ads": 6, "google_ads": 3, "tiktok_ads": 6, "linkedin_ads": 6, "instagram": 3}
DATE_BASIS = {
    "meta_ads": "account_timezone", "google_ads": "account_timezone", "tiktok_ads": "account_timezone",
    "linkedin_ads": "utc", "instagram": "pacific",
}  # fmt: skip
# Reports that are read again for fewer days than the rest, and how far back they exist: (days, days kept).
SHORTER_WINDOWS = {
    ("meta_ads", "campaign_region_daily"): (7, None),
    ("meta_ads", "campaign_hourly"): (3, 28),
    ("google_ads", "campaign_hourly"): (7, 92),
    ("tiktok_ads", "campaign_hourly"): (3, 7),
    ("linkedin_ads", "demographics"): (7, None),
}  # fmt: skip
RATE_DAYS = 5
RATE_SOURCE = "ECB via Frankfurter v1"
BOOKING_DAY = {
    "meta_ads": "mixed", "google_ads": "interaction_date", "tiktok_ads": "interaction_date",
    "linkedin_ads": "interaction_date",
}  # fmt: skip
META_SETTING = "7d_click_1d_view"
TIKTOK_SETTING = "7d_click_1d_view_1d_engaged_view"
PER_ACTION = "per_conversion_action"
NOT_AT_AD_LEVEL = "not-at-ad-level"

# Event of the sandbox's worlds -> (family, tier); of Google and LinkedIn the category of the action, or its own id.
DEFAULT_FAMILIES: Mapping[str, Mapping[str, tuple[str, int]]] = {
    "meta_ads": {
        "omni_purchase": ("purchase", 1), "purchase": ("purchase", 2),
        "offsite_conversion.fb_pixel_purchase": ("purchase", 3), "web_in_store_purchase": ("purchase", 5),
        "lead": ("lead", 2), "offsite_conversion.fb_pixel_lead": ("lead", 3),
        "omni_add_to_cart": ("add_to_cart", 1), "add_to_cart": ("add_to_cart", 2),
        "offsite_conversion.fb_pixel_add_to_cart": ("add_to_cart", 3),
    },
    "google_ads": {
        "PURCHASE": ("purchase", 1), "PHONE_CALL_LEAD": ("lead", 1), "SUBMIT_LEAD_FORM": ("lead", 1),
        "CONTACT": ("contact", 1), "ADD_TO_CART": ("add_to_cart", 1), "BEGIN_CHECKOUT": ("begin_checkout", 1),
        "PAGE_VIEW": ("view_content", 1),
    },
    "tiktok_ads": {
        "purchase.website": ("purchase", 1), "form.website": ("lead", 1), "add_to_cart.website": ("add_to_cart", 1),
        "checkout.website": ("begin_checkout", 1), "view_content.website": ("view_content", 1),
    },
    "linkedin_ads": {
        "PURCHASE": ("purchase", 1), "PHONE_CALL_LEAD": ("lead", 1), "SUBMIT_LEAD_FORM": ("lead", 1),
        "CONTACT": ("contact", 1), "ADD_TO_CART": ("add_to_cart", 1), "BEGIN_CHECKOUT": ("begin_checkout", 1),
        "PAGE_VIEW": ("view_content", 1), "one_click_leads": ("lead", 1),
    },
}  # fmt: skip
# Families in the headline without a word in the client's file; Google Ads and LinkedIn count every action.
HEADLINE = frozenset({"purchase", "lead"})
HAS_OWN_TOTAL = frozenset({"google_ads", "linkedin_ads"})

# What Meta counts on its own site; the product leaves it out of conversions.
META_CHANNELS = (("omni_", "all"), ("offsite_conversion.", "website"), ("onsite_", "on_meta"), ("leadgen", "on_meta"))
CHANNEL_BOOKING = {"all": "mixed", "on_meta": "interaction_date", "website": "conversion_date"}
