"""Secrets come from variables or from files, and what is missing is named."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from foundation.credentials import MissingCredential, credential_part, resolve_secret, stated_end, variable_name


def test_the_variable_is_named_after_credential_and_part() -> None:
    assert variable_name("meta_agency", "access_token") == "MDP_CREDENTIAL_META_AGENCY_ACCESS_TOKEN"


def test_a_secret_is_taken_from_its_variable_and_never_printed() -> None:
    secret = credential_part("meta_agency", "access_token", {"MDP_CREDENTIAL_META_AGENCY_ACCESS_TOKEN": "EAAB"})
    assert secret.get_secret_value() == "EAAB"
    assert "EAAB" not in f"{secret} {secret!r}"


def test_a_secret_is_taken_from_its_file_without_the_line_end(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("EAAB\n", encoding="utf-8")
    secret = resolve_secret("MDP_X", {"MDP_X_FILE": str(tmp_path / "token")})
    assert secret is not None
    assert secret.get_secret_value() == "EAAB"


def test_the_variable_wins_over_the_file_and_an_empty_one_counts_as_unset(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("of-the-file", encoding="utf-8")
    file = {"MDP_X_FILE": str(tmp_path / "token")}
    for value, expected in (("of-the-variable", "of-the-variable"), ("", "of-the-file")):
        secret = resolve_secret("MDP_X", {"MDP_X": value, **file})
        assert secret is not None
        assert secret.get_secret_value() == expected
    assert resolve_secret("MDP_X", {}) is None


def test_a_missing_credential_names_the_variables_to_set() -> None:
    with pytest.raises(
        MissingCredential, match=r"'google_agency' has no refresh_token: set MDP_CREDENTIAL_GOOGLE_"
    ) as e:
        credential_part("google_agency", "refresh_token", {})
    assert "MDP_CREDENTIAL_GOOGLE_AGENCY_REFRESH_TOKEN_FILE" in str(e.value)


def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "not-there"
    with pytest.raises(MissingCredential, match=r"MDP_X_FILE names .*not-there, which cannot be read: No such file"):
        resolve_secret("MDP_X", {"MDP_X_FILE": str(missing)})


def test_the_end_of_a_secret_that_no_platform_tells_can_be_written_beside_it() -> None:
    environment = {"MDP_CREDENTIAL_LINKEDIN_AGENCY_EXPIRES_AT": "2027-01-20"}
    assert stated_end("linkedin_agency", environment) == datetime(2027, 1, 20, tzinfo=UTC)
    assert stated_end("another", environment) is None
    with pytest.raises(MissingCredential, match="no ISO date such as"):
        stated_end("x", {"MDP_CREDENTIAL_X_EXPIRES_AT": "next January"})
