"""One sandbox process for the session, on a free port, and small clients that speak to it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.clock import WorldClock
from sandbox.credentials import credential_environment
from sandbox.process import SandboxHandle, start
from sandbox.world.model import Account
from sandbox.world.world import accounts_of, load_world

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
EVERY_STATUS = [
    "ACTIVE",
    "PAUSED",
    "DELETED",
    "ARCHIVED",
    "CAMPAIGN_PAUSED",
    "ADSET_PAUSED",
    "IN_PROCESS",
    "WITH_ISSUES",
]


class Served:
    """A running sandbox with its world and credentials."""

    def __init__(self, handle: SandboxHandle, state_dir: Path) -> None:
        self.handle, self.state_dir = handle, state_dir
        self.world = load_world(state_dir)
        self.environment = credential_environment(self.world)
        self.http = httpx.Client(base_url=handle.url, timeout=30)
        self._google_token = ""

    def account(self, platform: str, client: str = "aurora-moda") -> Account:
        return next(a for a in accounts_of(self.world) if a.platform == platform and a.client_id == client)

    def meta_token(self, account: Account) -> str:
        return self.environment[f"MDP_CREDENTIAL_{account.credential.upper()}_ACCESS_TOKEN"]

    def instagram(self, account: Account, path: str, **parameters: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.meta_token(account)}"}
        return self.http.get(f"/instagram/v26.0/{path}", headers=headers, params=parameters)

    def truth(self, level: str, account: Account, **query: str) -> list[dict[str, Any]]:
        rows = self.http.get("/_sandbox/truth", params={"level": level, **query}).json()
        return [row for row in rows if row["account_id"] == account.account_id]

    def meta(self, account: Account, path: str, method: str = "GET", **parameters: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.meta_token(account)}"}
        values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in parameters.items()}
        content = {"params": values} if method == "GET" else {"data": values}
        return self.http.request(method, f"/meta/v26.0/{path}", headers=headers, **content)  # type: ignore[arg-type]

    def insights(self, account: Account, **parameters: Any) -> httpx.Response:
        wanted = {"time_increment": "1", "time_range": {"since": "2026-08-03", "until": "2026-11-01"}, "limit": "5000"}
        return self.meta(account, f"act_{account.account_id}/insights", **{**wanted, **parameters})

    def refresh(self, **changes: str) -> httpx.Response:
        parts = ("client_id", "client_secret", "refresh_token")
        form = {part: self.environment[f"MDP_CREDENTIAL_GOOGLE_AGENCY_{part.upper()}"] for part in parts}
        return self.http.post("/google/oauth2/token", data={"grant_type": "refresh_token", **form, **changes})

    def google(
        self,
        customer: str,
        query: str,
        *,
        method: str = "searchStream",
        login: str | None = None,
        version: str = "v26",
        token: str | None = None,
        **body: Any,
    ) -> httpx.Response:
        if not self._google_token:
            self._google_token = str(self.refresh().json()["access_token"])
        headers = {"Authorization": f"Bearer {token or self._google_token}"}
        if login:
            headers["login-customer-id"] = login
        path = f"/google/{version}/customers/{customer}/googleAds:{method}"
        return self.http.post(path, json={"query": query, **body}, headers=headers)

    def tiktok(self, account: Account | None, path: str, **parameters: Any) -> httpx.Response:
        """A GET of the API for Business; ``account`` brings its token and, as the parameter, its id."""
        headers, own = {}, {}
        if account is not None:
            own = {"advertiser_id": account.account_id}
            headers = {"Access-Token": self.environment[f"MDP_CREDENTIAL_{account.credential.upper()}_ACCESS_TOKEN"]}
        values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in parameters.items()}
        return self.http.get(f"/tiktok/open_api/v1.3/{path}", headers=headers, params={**own, **values})

    def slack(self, method: str, **body: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.environment['MDP_SLACK_BOT_TOKEN']}"}
        answer: dict[str, Any] = self.http.post(f"/slack/api/{method}", json=body, headers=headers).json()
        return answer

    def fault(self, account: Account, kind: str, **more: Any) -> None:
        body = {"platform": account.platform, "account_id": account.account_id, "kind": kind, **more}
        assert self.http.post("/_sandbox/faults", json=body).status_code == 200


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("sandbox")
    WorldClock(folder / "clock").ensure(NOON)
    handle = start(folder / "state", folder / "clock")
    served = Served(handle, folder / "state")
    yield served
    served.http.close()
    handle.stop()


@pytest.fixture
def served(running: Served) -> Iterator[Served]:
    """The running sandbox; whatever faults a test set are gone after it."""
    yield running
    running.http.delete("/_sandbox/faults")
