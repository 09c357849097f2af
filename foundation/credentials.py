"""Resolves credential names of the client files into secrets from environment variables or files."""

import os
from collections.abc import Mapping
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


def credential_part(credential: str, part: str, environment: Mapping[str, str] = os.environ) -> SecretStr:
    """One part of a named credential. Raises MissingCredential with the variable to set."""
    variable = variable_name(credential, part)
    secret = resolve_secret(variable, environment)
    if secret is None:
        raise MissingCredential(
            f"credential {credential!r} has no {part}: set {variable}, or {variable}_FILE to a file that holds it"
        )
    return secret
