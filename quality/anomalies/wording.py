"""Probable causes of a drift and what to look at, in an account manager's words."""

_UP = {
    "spend": ("a budget or bid set too high", "a campaign duplicated", "the platform delivered more than planned"),
    "impressions": ("cheaper or broader placements", "a campaign duplicated"),
    "clicks": ("clicks by robots", "another definition of a click", "a new placement"),
    "cpc": ("a bid or auction dearer than usual", "a budget too high for the audience", "the platform overspent"),
    "cpa": ("the pixel or tag lost events", "the shop or form was down", "clicks of poor quality"),
    "conversion_rate": ("the pixel and the server both count", "a promotion", "a thank-you page fires twice"),
}
_DOWN = {
    "spend": ("payment refused or balance used up", "account restricted", "ads rejected", "an outage of the platform"),
    "impressions": ("ads rejected", "a bid too low", "an outage of the platform"),
    "clicks": ("a creative worn out", "another definition of a click", "a broken link"),
    "cpc": ("clicks by robots", "cheaper placements"),
    "cpa": ("the pixel and the server both count", "a promotion", "a thank-you page fires twice"),
    "conversion_rate": ("the pixel or tag lost events", "the shop or form was down", "clicks of poor quality"),
}
_NEXT = {
    "spend": ("the change history and budgets of the days", "status and billing of the account"),
    "impressions": ("status and rejections of the ads", "placements of the days"),
    "clicks": ("clicks by placement and country", "landing page and redirects"),
    "cpc": ("bids and strategy", "clicks by placement and country"),
    "cpa": ("events of the pixel and of the server, by name", "orders in the shop for the same days"),
    "conversion_rate": ("events of the pixel and of the server, by name", "orders in the shop for the same days"),
}


def causes(metric: str, counted: float, expected: float) -> tuple[str, ...]:
    """The likeliest first. For a CPA the count is of conversions, of which many make it low."""
    more = counted > expected
    return (_DOWN if more else _UP)[metric] if metric == "cpa" else (_UP if more else _DOWN)[metric]


def next_steps(metric: str) -> tuple[str, ...]:
    """Where to look first."""
    return _NEXT[metric]
