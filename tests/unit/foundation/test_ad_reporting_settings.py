"""MDP_AD_REPORTING: settings of ad_reporting under the names that users of its column contract know."""

import json

import pytest
from pydantic import ValidationError

from foundation.settings import Settings, environment_of


def settings(monkeypatch, value):
    monkeypatch.setenv("MDP_AD_REPORTING", json.dumps(value))
    return Settings()


def test_without_the_variable_the_views_have_the_projects_defaults(monkeypatch):
    monkeypatch.delenv("MDP_AD_REPORTING", raising=False)
    assert Settings().ad_reporting_variables == {}


def test_what_is_set_reaches_dbt_and_child_processes_as_it_was_written(monkeypatch):
    value = {
        "linkedin_ads__use_local_currency": False,
        "facebook_ads__conversion_action_types": [
            {"name": "omni_purchase"},
            {"pattern": "onsite_conversion%", "where_sql": "source_relation = 'acme'"},
        ],
    }
    found = settings(monkeypatch, value)
    assert found.ad_reporting_variables == value
    monkeypatch.setenv("MDP_AD_REPORTING", environment_of(found)["MDP_AD_REPORTING"])
    assert Settings().ad_reporting_variables == value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"linkedin_ads__use_local_curency": True}, "linkedin_ads__use_local_curency"),
        ({"linkedin_ads__conversion_fields": ["clicks"]}, "external_website_conversions"),
        ({"linkedin_ads__conversion_fields": ["one_click_leads", "one_click_leads"]}, "counts a conversion twice"),
        (
            {
                "linkedin_ads__conversion_fields": [
                    "external_website_conversions",
                    "external_website_post_view_conversions",
                ]
            },
            "counts a conversion twice",
        ),
        ({"facebook_ads__conversion_action_types": [{}]}, "either name or pattern"),
        ({"facebook_ads__conversion_action_types": [{"name": "a", "pattern": "a%"}]}, "either name or pattern"),
        ({"facebook_ads__conversion_action_types": [{"name": "it's"}]}, "pattern"),
        ({"facebook_ads__conversion_action_types": []}, "at least 1 item"),
    ],
)
def test_a_setting_that_means_nothing_is_refused_by_name(monkeypatch, value, message):
    with pytest.raises(ValidationError, match=message):
        settings(monkeypatch, value)
