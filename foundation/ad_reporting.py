"""Settings of the schema ad_reporting, under the names that users of that column contract know."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

# No quote: the text becomes part of a view's SQL.
ActionType = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^'\\{}]+$")]
LinkedInConversionField = Literal[
    "external_website_conversions",
    "external_website_post_click_conversions",
    "external_website_post_view_conversions",
    "one_click_leads",
    "one_click_lead_form_opens",
    "qualified_leads",
    "valid_work_email_leads",
]
# LinkedIn tells these two also as one figure, which holds them.
_PARTS_OF_WEBSITE_CONVERSIONS = {"external_website_post_click_conversions", "external_website_post_view_conversions"}


class ConversionActionType(BaseModel):
    """Action types of Meta by one name or by a pattern of LIKE; ``where_sql`` narrows the rows further."""

    model_config = ConfigDict(extra="forbid")

    name: ActionType | None = None
    pattern: ActionType | None = None
    where_sql: str | None = None

    @model_validator(mode="after")
    def _name_or_pattern(self) -> Self:
        if (self.name is None) == (self.pattern is None):
            raise ValueError("an entry of facebook_ads__conversion_action_types has either name or pattern")
        return self


class AdReportingSettings(BaseModel):
    """Every setting is optional: what is not set stands in dbt_project.yml."""

    model_config = ConfigDict(extra="forbid")

    linkedin_ads__use_local_currency: bool | None = None
    linkedin_ads__conversion_fields: list[LinkedInConversionField] | None = Field(None, min_length=1)
    facebook_ads__conversion_action_types: list[ConversionActionType] | None = Field(None, min_length=1)
    google_auto_tagging_enabled: bool | None = None
    ad_reporting__url_report__using_null_filter: bool | None = None
    ad_reporting__facebook_ads_enabled: bool | None = None
    ad_reporting__google_ads_enabled: bool | None = None
    ad_reporting__tiktok_ads_enabled: bool | None = None
    ad_reporting__linkedin_ads_enabled: bool | None = None

    @model_validator(mode="after")
    def _no_field_counts_twice(self) -> Self:
        fields = self.linkedin_ads__conversion_fields or []
        whole = "external_website_conversions"
        if len(set(fields)) < len(fields) or (whole in fields and _PARTS_OF_WEBSITE_CONVERSIONS & set(fields)):
            raise ValueError(
                "linkedin_ads__conversion_fields counts a conversion twice: name each field once, and "
                f"{whole} or its parts after a click and after a view, not both"
            )
        return self

    def variables(self) -> dict[str, Any]:
        """The dbt variables that were set."""
        return self.model_dump(exclude_none=True)
