"""Resolves credential names of the client files into secrets from environment variables or files."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr


class MissingCredential(RuntimeError):
    """A credential's part is configured nowhere; the message says which variable to set."""


def variable_name(credential: str, part: str) -> str:
    """Environment variable that holds one part of a credential: meta_agency, access_token -> MDP_CREDENTIAL_…"""
    return f"MDP_CREDENTIAL_{credential}_{part}".upper()


def resolve_secret(variable: str, environment: Mapping[str, str] = os.environ) -> SecretStr | None:
    """The secret in ``variable`` or in the file that ``<variable>_FILE`` names; None where neither is set.

    Raises MissingCredential where the file cannot be read.
    """
    if value := environment.get(variable):
        return SecretStr(value)
    if path := environment.get(f"{variable}_FILE"):
        try:
            return SecretStr(Path(path).read_text(encoding="utf-8").strip())
        except OSError as error:
            raise MissingCredential(f"{variable}_FILE names {path}, which cannot be read: {error.strerror}") from error
    return None


def stated_end(credential: str, environment: Mapping[str, str] = os.environ) -> datetime | None:
    """When a credential stops working as somebody wrote it down: its part ``expires_at``, an ISO date or instant.

    For secrets that no platform tells the end of. Raises MissingCredential where the text is no date.
    """
    variable = variable_name(credential, "expires_at")
    text = resolve_secret(variable, environment)
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text.get_secret_value())
    except ValueError as error:
        raise MissingCredential(f"{variable} is no ISO date such as 2027-01-31: {error}") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def credential_part(credential: str, part: str, environment: Mapping[str, str] = os.environ) -> SecretStr:
    """One part of a named credential. Raises MissingCredential with the variable to set."""
    variable = variable_name(credential, part)
    secret = resolve_secret(variable, environment)
    if secret is None:
        raise MissingCredential(
            f"credential {credential!r} has no {part}: set {variable}, or {variable}_FILE to a file that holds it"
        )
    return secret
