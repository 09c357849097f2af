"""Turns mounted secret files into the platform's settings, then becomes the container's command.

Passwords reach the process's environment only: neither the compose file nor the image holds one.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

# One file a part of a credential: meta_agency.access_token -> MDP_CREDENTIAL_META_AGENCY_ACCESS_TOKEN_FILE.
CREDENTIALS = Path("/run/credentials")


def database_url(user: str, password_file: Path, server: str, database: str) -> str:
    """postgresql://user:password@host:port/database with the password of the file, encoded."""
    password = password_file.read_text(encoding="utf-8").strip()
    if not password:
        raise SystemExit(f"{password_file} is empty: docker/README.md tells how to make the secrets")
    return f"postgresql://{user}:{quote(password, safe='')}@{server}/{database}"


def settings_from(environment: Mapping[str, str], credentials: Path = CREDENTIALS) -> dict[str, str]:
    """The variables to add, from MDP_*_PASSWORD_FILE, MDP_DATABASE_SERVER and the credentials' directory."""
    found = {}
    server = environment.get("MDP_DATABASE_SERVER", "postgres:5432")
    if path := environment.get("MDP_WAREHOUSE_PASSWORD_FILE"):
        found["MDP_WAREHOUSE_URL"] = database_url("mdp", Path(path), server, "warehouse")
    if path := environment.get("MDP_DAGSTER_PASSWORD_FILE"):
        found["MDP_DAGSTER_URL"] = database_url("dagster", Path(path), server, "dagster")
        found["MDP_DAGSTER_POSTGRES_URL"] = found["MDP_DAGSTER_URL"]
    for file in sorted(credentials.glob("*.*")) if credentials.is_dir() else []:
        credential, _, part = file.name.partition(".")
        if credential and part.isidentifier():
            found[f"MDP_CREDENTIAL_{credential}_{part}_FILE".upper()] = str(file)
    return found


def main() -> None:
    added = settings_from(os.environ)
    # An empty token file means that Slack is not set up yet; messages then wait in the outbox.
    token = os.environ.get("MDP_SLACK_BOT_TOKEN_FILE")
    if token and not Path(token).read_text(encoding="utf-8").strip():
        del os.environ["MDP_SLACK_BOT_TOKEN_FILE"]
    os.environ.update(added)
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
