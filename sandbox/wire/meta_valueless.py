"""Real fields of Meta's nodes for which this world has no value: asked for, they are absent, not an error.

Names as in Meta's own SDK; those that running connectors ask for by default.
"""

_ALL = frozenset({"adlabels"})

CAMPAIGN = _ALL | {
    "ads", "boosted_object_id", "budget_rebalance_flag", "issues_info", "special_ad_category",
    "special_ad_category_country",
}  # fmt: skip
AD_SET = _ALL | {"bid_constraints", "bid_info", "learning_stage_info", "promoted_object"}
AD = _ALL | {
    "bid_amount", "bid_info", "bid_type", "conversion_specs", "last_updated_by_app_id", "recommendations", "targeting",
}  # fmt: skip
