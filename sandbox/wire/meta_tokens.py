"""Access tokens: what ``debug_token`` tells of one, and the exchange of a short-lived one."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sandbox.state import Sandbox
from sandbox.wire import meta_errors
from sandbox.world.roster import AGENCY_CREDENTIALS

# A person's token ends sixty days after the last login; here somebody logs in again on the day it would.
_LIFE = timedelta(days=60)
_EXCHANGED_SECONDS = 5_183_944
_APP_ID = "604822500000001"


def debug_token(sandbox: Sandbox, parameters: Mapping[str, str]) -> dict[str, Any]:
    """GET /debug_token: whether a token is valid, until when, and what it may do."""
    token = parameters.get("input_token")
    if not token:
        raise meta_errors.invalid_parameter("The parameter input_token is required")
    credential = sandbox.credentials.named_by(token)
    if credential is None:
        return {"data": {"error": {"code": 190, "message": "Invalid OAuth access token."}, "is_valid": False,
                         "scopes": []}}  # fmt: skip
    data: dict[str, Any] = {
        "app_id": _APP_ID, "type": "USER", "application": "Sandbox", "data_access_expires_at": 0,
        "expires_at": _expires_at(sandbox, credential), "is_valid": True,
        "scopes": ["ads_read", "business_management"], "user_id": "104000000000001",
    }  # fmt: skip
    if sandbox.credentials.is_revoked(credential):
        error = meta_errors.revoked_token().body["error"]
        data |= {"is_valid": False, "scopes": [],
                 "error": {"code": 190, "message": error["message"], "subcode": 460}}  # fmt: skip
    return {"data": data}


def _expires_at(sandbox: Sandbox, credential: str) -> int:
    """Epoch second; 0 for the agency's system user, whose token never ends."""
    if credential in AGENCY_CREDENTIALS.values():
        return 0
    first = min((client.active_from for client in sandbox.source.clients), default=sandbox.clock.now().date())
    ends = datetime.combine(first, time(), UTC) + _LIFE
    while ends <= sandbox.clock.now():
        ends += _LIFE
    return int(ends.timestamp())


def exchanged(sandbox: Sandbox, parameters: Mapping[str, str]) -> dict[str, Any]:
    """GET /oauth/access_token with grant_type fb_exchange_token: the same token, long-lived."""
    if parameters.get("grant_type") != "fb_exchange_token":
        raise meta_errors.invalid_parameter("grant_type must be fb_exchange_token")
    for name in ("client_id", "client_secret", "fb_exchange_token"):
        if not parameters.get(name):
            raise meta_errors.invalid_parameter(f"Missing {name} parameter.")
    credential = sandbox.credentials.named_by(parameters["fb_exchange_token"])
    if credential is None:
        raise meta_errors.unknown_token()
    if sandbox.credentials.is_revoked(credential):
        raise meta_errors.revoked_token()
    return {"access_token": parameters["fb_exchange_token"], "token_type": "bearer", "expires_in": _EXCHANGED_SECONDS}
