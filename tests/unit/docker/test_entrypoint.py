"""Mounted secret files become the platform's settings."""

import subprocess
import sys
from pathlib import Path

import pytest

from foundation.credentials import credential_part
from foundation.settings import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "docker"))

from entrypoint import settings_from

MAKE_SECRETS = REPOSITORY / "docker" / "make-secrets.sh"


def test_database_addresses_are_built_from_password_files(tmp_path: Path) -> None:
    (tmp_path / "warehouse").write_text("p@ss/word:1\n", encoding="utf-8")
    (tmp_path / "dagster").write_text("other", encoding="utf-8")
    found = settings_from(
        {
            "MDP_DATABASE_SERVER": "db:6432",
            "MDP_WAREHOUSE_PASSWORD_FILE": str(tmp_path / "warehouse"),
            "MDP_DAGSTER_PASSWORD_FILE": str(tmp_path / "dagster"),
        },
        tmp_path / "none",
    )
    assert found["MDP_WAREHOUSE_URL"] == "postgresql://mdp:p%40ss%2Fword%3A1@db:6432/warehouse"
    assert found["MDP_DAGSTER_URL"] == found["MDP_DAGSTER_POSTGRES_URL"] == "postgresql://dagster:other@db:6432/dagster"


def test_a_container_without_a_password_file_gets_no_address(tmp_path: Path) -> None:
    assert settings_from({}, tmp_path) == {}


def test_an_empty_password_file_stops_the_container_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(SystemExit, match=r"docker/README\.md"):
        settings_from({"MDP_WAREHOUSE_PASSWORD_FILE": str(tmp_path / "empty")}, tmp_path)


def test_each_credential_file_is_found_by_the_platform_under_its_name(tmp_path: Path) -> None:
    (tmp_path / "meta_agency.access_token").write_text("the-token\n", encoding="utf-8")
    (tmp_path / "README").touch()
    found = settings_from({}, tmp_path)
    assert credential_part("meta_agency", "access_token", found).get_secret_value() == "the-token"
    assert len(found) == 1


def test_making_secrets_gives_every_secret_of_the_compose_file_and_keeps_what_exists(tmp_path: Path) -> None:
    import yaml

    compose = yaml.safe_load((REPOSITORY / "docker" / "compose.yaml").read_text(encoding="utf-8"))
    directory = tmp_path / "secrets"
    for _ in range(2):
        subprocess.run([MAKE_SECRETS, directory], check=True, capture_output=True)
        contents = {path.name: path.read_text(encoding="utf-8") for path in directory.iterdir() if path.is_file()}
        (directory / "ui_users").write_text("somebody HASH", encoding="utf-8")
    assert directory.stat().st_mode & 0o777 == 0o700
    assert set(contents) == set(compose["secrets"])
    assert contents["ui_users"] == "somebody HASH"
    assert len(contents["warehouse_password"].strip()) == 40
    passwords = [contents[name] for name in contents if name.endswith("_password")]
    assert len(set(passwords)) == len(passwords) == 4
    access_key = contents["s3_credentials"].split("aws_access_key_id = ")[1].split()[0]
    assert f'"accessKey": "{access_key}"' in contents["s3_identities"]
