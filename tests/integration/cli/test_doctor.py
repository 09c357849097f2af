"""`mdp doctor`: what is right is said to be right, what is wrong is named with the way to mend it."""

import pytest

from foundation.database import with_database

pytestmark = pytest.mark.integration


def examined(command_line, **variables):
    """Exit code and the findings by what was looked at, with these variables set."""
    with command_line.configured(**variables):
        answer = command_line.mdp("doctor", "--json")
    return answer.exit_code, {finding["what"]: finding for finding in answer.json}


def test_an_installation_in_order_has_nothing_wrong_and_every_login_was_tried(command_line) -> None:
    exit_code, findings = examined(command_line)
    states = {what: finding["state"] for what, finding in findings.items()}
    # The doctor goes by the machine's date: versions that are served today, and this world's logins, end one day.
    versions = {what for what in states if what.startswith("API version of ")}
    assert len(versions) == 5
    assert {state for what, state in states.items() if what not in versions} <= {"fine", "warning"}
    assert exit_code == int("wrong" in states.values())
    for platform in ("meta_ads", "google_ads", "tiktok_ads", "linkedin_ads", "instagram"):
        login = findings[f"Credential {platform.removesuffix('_ads')}_agency ({platform})"]
        assert login["detail"].startswith("reads account ")
    assert findings["Client files"]["detail"] == "3 clients, 13 accounts"
    for what in ("Warehouse", "Backup tool", "ECB rates", "Slack", "Python"):
        assert states[what] == "fine"
    assert "C0OPERATIONS" in findings["Slack"]["detail"]


def test_one_wrong_part_is_named_with_the_way_to_mend_it_and_hides_no_other(command_line) -> None:
    exit_code, findings = examined(
        command_line,
        MDP_CREDENTIAL_META_AGENCY_ACCESS_TOKEN="EAAwrong",
        MDP_CREDENTIAL_TIKTOK_AGENCY_ACCESS_TOKEN="",
        MDP_SLACK_BOT_TOKEN="xoxb-wrong",
        MDP_FX_BASE_URL=f"{command_line.sandbox_url}/nowhere",
        MDP_GOOGLE_ADS_API_VERSION="v20",
        MDP_INSTAGRAM_API_VERSION="v99",
    )
    assert exit_code == 1
    refused = findings["Credential meta_agency (meta_ads)"]
    assert (refused["state"], bool(refused["mend"])) == ("wrong", True)
    missing = findings["Credential tiktok_agency (tiktok_ads)"]
    assert (missing["state"], missing["detail"]) == ("wrong", "not configured")
    assert "MDP_CREDENTIAL_TIKTOK_AGENCY_ACCESS_TOKEN" in missing["mend"]
    assert (findings["Slack"]["state"], findings["Slack"]["detail"]) == ("wrong", "auth.test: invalid_auth")
    assert findings["ECB rates"]["state"] == "warning"
    ended = findings["API version of Google Ads"]
    assert (ended["state"], ended["detail"]) == ("wrong", "v20 ended on 2026-06-10")
    assert "MDP_GOOGLE_ADS_API_VERSION" in ended["mend"]
    unlisted = findings["API version of Instagram"]
    assert (unlisted["state"], "v99 is not in the calendar" in unlisted["detail"]) == ("warning", True)
    assert findings["Credential google_agency (google_ads)"]["state"] == "wrong"
    assert findings["Credential linkedin_agency (linkedin_ads)"]["detail"].startswith("reads account ")
    assert not any("EAAwrong" in str(finding) or "xoxb-wrong" in str(finding) for finding in findings.values())


def test_a_login_that_ends_soon_and_a_missing_slack_token_are_warnings(command_line) -> None:
    _, findings = examined(command_line, MDP_CREDENTIAL_TIKTOK_AGENCY_EXPIRES_AT="2020-01-20", MDP_SLACK_BOT_TOKEN="")
    assert "wrong" not in {finding["state"] for what, finding in findings.items() if "API version" not in what}
    ending = findings["Credential tiktok_agency (tiktok_ads)"]
    assert ending["state"] == "warning"
    assert ending["detail"].endswith("ends 2020-01-20")
    assert (findings["Slack"]["state"], findings["Slack"]["detail"]) == ("warning", "no bot token")


def test_a_warehouse_that_is_not_there_is_said_by_the_doctor_and_by_every_command_without_a_password(
    command_line,
) -> None:
    missing = with_database(command_line.warehouse_url, "not_there")
    exit_code, findings = examined(command_line, MDP_WAREHOUSE_URL=missing)
    assert exit_code == 1
    assert findings["Warehouse"]["state"] == "wrong"
    assert "not_there" in findings["Warehouse"]["detail"]
    assert "MDP_WAREHOUSE_URL" in findings["Warehouse"]["mend"]
    with command_line.configured(MDP_WAREHOUSE_URL=missing):
        status = command_line.mdp("status")
    assert status.exit_code == 1
    assert "The warehouse does not answer" in status.stderr
    password = command_line.warehouse_url.split(":")[2].split("@")[0]
    assert password not in status.stderr + str(findings)


def test_a_broken_client_file_is_named_with_its_line_of_trouble(command_line) -> None:
    broken = command_line.world.path / "clients" / "broken.yaml"
    broken.write_text("client: broken\nname: Broken\nreporting_currency: EURO\n", encoding="utf-8")
    try:
        exit_code, findings = examined(command_line)
    finally:
        broken.unlink()
    assert exit_code == 1
    assert findings["Client files"]["state"] == "wrong"
    assert "broken.yaml" in findings["Client files"]["detail"]
    assert "reporting_currency" in findings["Client files"]["detail"]


def test_a_person_sees_the_same_as_a_table(command_line) -> None:
    with command_line.configured(MDP_SLACK_OPS_CHANNEL=""):
        shown = command_line.mdp("doctor").stdout
    for words in ("how to mend it", "3 clients, 13 accounts", "Warehouse", "fine"):
        assert words in shown
