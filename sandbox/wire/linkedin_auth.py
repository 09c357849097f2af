"""Who calls: LinkedIn's token endpoint, bearer tokens and the version header."""

import re
import time
from datetime import date, datetime, timedelta

from starlette.requests import Request

from sandbox.credentials import secret_of
from sandbox.state import Sandbox
from sandbox.wire import linkedin_errors
from sandbox.wire.forms import form_of

ACCESS_TOKEN_SECONDS = 5_183_999
_CONSENT_DAYS = 365
# Version -> first day on which it is no longer served. There never was a 202512.
VERSIONS = {
    "202509": date(2026, 9, 15), "202510": date(2026, 10, 15), "202511": date(2026, 11, 16),
    "202601": date(2027, 1, 15), "202602": date(2027, 2, 15), "202603": date(2027, 3, 16),
    "202604": date(2027, 4, 15), "202605": date(2027, 5, 17), "202606": date(2027, 6, 15),
    "202607": date(2027, 7, 15), "202608": date(2027, 8, 16),
}  # fmt: skip
_VERSION_FORM = re.compile(r"\d{6}(\.\d{2})?")


class TokenRefused(Exception):
    """The token endpoint's own error form."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status, self.body = status, {"error": error, "error_description": description}


class LinkedInAuth:
    """Access tokens that were handed out live in this process, for sixty days of the sandbox's clock."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._tokens: dict[str, tuple[str, datetime]] = {}

    async def issue(self, request: Request) -> dict[str, str | int]:
        """A new access token for a refresh token; the refresh token keeps its own end. Raises TokenRefused."""
        form = await form_of(request)
        if form.get("grant_type") != "refresh_token":
            raise TokenRefused(400, "unsupported_grant_type", "Grant type is not supported")
        refresh_token = form.get("refresh_token", "")
        credential, seed = self._credential_of(refresh_token, "refresh_token"), self._sandbox.source.seed
        if credential is None or self._sandbox.credentials.is_revoked(credential):
            raise TokenRefused(400, "invalid_grant", "The provided refresh token is invalid, expired or revoked")
        if any(form.get(part) != secret_of(seed, credential, part) for part in ("client_id", "client_secret")):
            raise TokenRefused(401, "invalid_client", "Client authentication failed")
        now = self._sandbox.clock.now()
        token = f"AQX{secret_of(seed, credential, f'access-{len(self._tokens)}-{time.time_ns()}')}"
        self._tokens[token] = (credential, now + timedelta(seconds=ACCESS_TOKEN_SECONDS))
        return {
            "access_token": token,
            "expires_in": ACCESS_TOKEN_SECONDS,
            "refresh_token": refresh_token,
            "refresh_token_expires_in": self._consent_seconds_left(now),
            "scope": "r_ads,r_ads_reporting",
        }

    async def introspect(self, request: Request) -> dict[str, str | int | bool]:
        """What an access token that was issued here is worth; times in epoch seconds. Raises TokenRefused."""
        form = await form_of(request)
        issued = self._tokens.get(form.get("token", ""))
        if issued is None:
            return {"active": False}
        (credential, ends), seed = issued, self._sandbox.source.seed
        if any(form.get(part) != secret_of(seed, credential, part) for part in ("client_id", "client_secret")):
            raise TokenRefused(401, "invalid_client", "Client authentication failed")
        began = int(ends.timestamp()) - ACCESS_TOKEN_SECONDS
        gone = "expired" if ends < self._sandbox.clock.now() else None
        status = "revoked" if self._sandbox.credentials.is_revoked(credential) else gone
        return {
            "active": status is None,
            "status": status or "active",
            "client_id": form["client_id"],
            "authorized_at": began,
            "created_at": began,
            "expires_at": int(ends.timestamp()),
            "scope": "r_ads,r_ads_reporting",
            "auth_type": "3L",
        }

    def _consent_seconds_left(self, now: datetime) -> int:
        """Refresh tokens end 365 days after the consent, whatever is issued; it is given anew on the last day."""
        first_day = min((client.active_from for client in self._sandbox.source.clients), default=now.date())
        used = (now - datetime.combine(first_day, datetime.min.time(), now.tzinfo)).total_seconds()
        return _CONSENT_DAYS * 86_400 - 1 - int(used) % (_CONSENT_DAYS * 86_400)

    def _credential_of(self, secret: str, part: str) -> str | None:
        """The LinkedIn credential whose ``part`` this is."""
        credential = self._sandbox.credentials.named_by(secret)
        if credential is None or secret != secret_of(self._sandbox.source.seed, credential, part):
            return None
        accounts = self._sandbox.credentials.accounts(credential)
        return credential if any(account.platform == "linkedin_ads" for account in accounts) else None

    def credential(self, request: Request) -> str:
        """The credential behind the bearer token. Raises LinkedInError."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not token:
            raise linkedin_errors.no_token()
        issued = self._tokens.get(token)
        credential = issued[0] if issued else self._credential_of(token, "access_token")
        if credential is None:
            raise linkedin_errors.unknown_token()
        if self._sandbox.credentials.is_revoked(credential):
            raise linkedin_errors.revoked_token()
        if issued and issued[1] < self._sandbox.clock.now():
            raise linkedin_errors.expired_token()
        return credential

    def check_version(self, request: Request) -> None:
        """There is no default version, and a sunset one is refused. Raises LinkedInError."""
        version = request.headers.get("linkedin-version", "")
        if not version:
            raise linkedin_errors.version_missing()
        if not _VERSION_FORM.fullmatch(version):
            raise linkedin_errors.version_invalid(version)
        ends_on = VERSIONS.get(version[:6])
        if not self._sandbox.lenient and (ends_on is None or self._sandbox.clock.now().date() >= ends_on):
            raise linkedin_errors.version_gone(version)
