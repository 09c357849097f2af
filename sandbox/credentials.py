"""The credentials that open the sandbox's accounts, and the environment that hands them to the platform."""

import hashlib
import json
from pathlib import Path

from sandbox.files import write_atomically
from sandbox.world.model import Account, Platform
from sandbox.world.world import Source, accounts_of

OAUTH_PARTS = ("client_id", "client_secret", "refresh_token")
_TOKEN_PARTS = ("access_token",)
# Parts of a credential that the platform is given.
_PARTS: dict[Platform, tuple[str, ...]] = {
    "meta_ads": _TOKEN_PARTS,
    "google_ads": OAUTH_PARTS,
    "tiktok_ads": _TOKEN_PARTS,
    "linkedin_ads": OAUTH_PARTS,
    "instagram": _TOKEN_PARTS,
}
# Parts by which a request shows whose it is; LinkedIn also hands out access tokens that nobody can refresh.
_OPENING_PARTS: dict[Platform, tuple[str, ...]] = {
    "meta_ads": _TOKEN_PARTS,
    "google_ads": ("refresh_token",),
    "tiktok_ads": _TOKEN_PARTS,
    "linkedin_ads": ("refresh_token", "access_token"),
    "instagram": _TOKEN_PARTS,
}


def secret_of(seed: int, credential: str, part: str) -> str:
    """A made-up secret; the same in every run of a seed."""
    digest = hashlib.blake2b(f"{seed}/{credential}/{part}".encode(), digest_size=18).hexdigest()
    prefix = {"access_token": "EAAsandbox", "refresh_token": "1//sandbox-", "client_secret": "sandbox-"}.get(part, "")
    return f"{prefix}{digest}" + (".apps.sandbox" if part == "client_id" else "")


def slack_token(seed: int) -> str:
    """The bot token of the sandbox's Slack workspace."""
    return secret_of(seed, "slack", "bot")


def tiktok_app(seed: int) -> tuple[str, str]:
    """App id and secret of the agency's TikTok developer app."""
    digits = int.from_bytes(hashlib.blake2b(f"{seed}/tiktok-app".encode(), digest_size=8).digest(), "big")
    return str(7_000_000_000_000_000_000 + digits % 10**17), secret_of(seed, "tiktok_app", "client_secret")


def credential_environment(source: Source) -> dict[str, str]:
    """Environment variables with every credential of the world's accounts and the Slack token."""
    environment = {"MDP_SLACK_BOT_TOKEN": slack_token(source.seed)}
    for account in accounts_of(source):
        for part in _PARTS[account.platform]:
            name = f"MDP_CREDENTIAL_{account.credential.upper()}_{part.upper()}"
            environment[name] = secret_of(source.seed, account.credential, part)
        if account.platform == "tiktok_ads":
            prefix = f"MDP_CREDENTIAL_{account.credential.upper()}"
            environment[f"{prefix}_APP_ID"], environment[f"{prefix}_SECRET"] = tiktok_app(source.seed)
    return environment


class CredentialBook:
    """Which credential reaches which account, and which are revoked. Mended ones are remembered in a file."""

    def __init__(self, source: Source, mended_file: Path) -> None:
        self._source, self._file = source, mended_file
        self._mended: set[str] = set(json.loads(mended_file.read_text())) if mended_file.exists() else set()
        self._by_secret = {
            secret_of(source.seed, account.credential, part): account.credential
            for account in accounts_of(source)
            for part in _OPENING_PARTS[account.platform]
        }

    def named_by(self, secret: str) -> str | None:
        """The credential whose access token (Google: refresh token, LinkedIn: either) this is."""
        return self._by_secret.get(secret)

    def is_revoked(self, credential: str) -> bool:
        return credential in self._source.revoked and credential not in self._mended

    def accounts(self, credential: str) -> list[Account]:
        """The accounts that a credential may read."""
        return [account for account in accounts_of(self._source) if account.credential == credential]

    def revoked(self) -> list[str]:
        """Credentials that no longer work, by name."""
        return sorted(self._source.revoked - self._mended)

    def mend(self, credential: str | None = None) -> list[str]:
        """Make a revoked credential (or all of them) work again; returns what was mended."""
        mended = [name for name in self.revoked() if credential in (None, name)]
        self._mended.update(mended)
        write_atomically(self._file, json.dumps(sorted(self._mended)) + "\n")
        return mended
