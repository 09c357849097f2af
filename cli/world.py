"""A sandbox world and the platform's settings for it, in one directory: the demo's, or one that a person serves."""

import hashlib
import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from foundation.settings import REPOSITORY
from sandbox.client_files import write_client_files
from sandbox.credentials import credential_environment
from sandbox.process import SandboxHandle, start
from sandbox.recorded import RecordedSource
from sandbox.world.world import Source, load_world

# The sandbox's channel for alerts that belong to no client.
OPS_CHANNEL = "C0OPERATIONS"


class NoWorldError(RuntimeError):
    """There is no world in the directory yet; the message says which command makes one."""


def demo_directory() -> Path:
    """Where the demo's world lives; MDP_DEMO_DIR moves it."""
    return Path(os.environ.get("MDP_DEMO_DIR", REPOSITORY / ".data" / "demo")).resolve()


def _certificate_key(source: Source) -> str:
    """A key of this world's own: its certificates verify again and again, and in no other installation."""
    return hashlib.sha256(f"certificate key of sandbox world {source.seed}".encode()).hexdigest()


def call(url: str, body: dict[str, Any] | None = None) -> Any:
    """GET, or POST a JSON body, on the sandbox's control plane. Raises ValueError with the sandbox's own words."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read())
    except urllib.error.HTTPError as error:
        raise ValueError(error.read().decode(errors="replace")) from error


@dataclass(frozen=True)
class WorldDirectory:
    """The files of one world: the sandbox's state, the clock, the client files and the platform's environment."""

    path: Path

    @property
    def sandbox_dir(self) -> Path:
        return self.path / "sandbox"

    @property
    def clock_file(self) -> Path:
        return self.path / "clock"

    @property
    def environment_file(self) -> Path:
        return self.path / "platform.env"

    def start(self, **options: Any) -> SandboxHandle:
        """Serve the world (made from ``options`` the first time) and write the platform's files for it."""
        self.path.mkdir(parents=True, exist_ok=True)
        handle = start(state_dir=self.sandbox_dir, clock_file=self.clock_file, **options)
        recorded: Path | None = options.get("recorded")
        source: Source = RecordedSource(recorded) if recorded else load_world(self.sandbox_dir)
        write_client_files(source, self.path / "clients")
        self._write_environment(
            handle.url, {**credential_environment(source), "MDP_CERTIFICATE_KEY": _certificate_key(source)}
        )
        return handle

    def _write_environment(self, sandbox_url: str, credentials: dict[str, str]) -> None:
        """The variables that a real installation sets, pointed at this world."""
        environment = {
            "MDP_ENV_FILE": "",
            "MDP_DATA_DIR": str(self.path),
            "MDP_CLIENTS_DIR": str(self.path / "clients"),
            "MDP_CLOCK_FILE": str(self.clock_file),
            "MDP_META_ADS_BASE_URL": f"{sandbox_url}/meta",
            "MDP_GOOGLE_ADS_BASE_URL": f"{sandbox_url}/google",
            "MDP_GOOGLE_OAUTH_TOKEN_URL": f"{sandbox_url}/google/oauth2/token",
            "MDP_TIKTOK_ADS_BASE_URL": f"{sandbox_url}/tiktok",
            "MDP_TIKTOK_ADS_CALLS_PER_MINUTE": "60000",
            "MDP_LINKEDIN_ADS_BASE_URL": f"{sandbox_url}/linkedin",
            "MDP_LINKEDIN_OAUTH_TOKEN_URL": f"{sandbox_url}/linkedin/oauth/v2/accessToken",
            "MDP_INSTAGRAM_BASE_URL": f"{sandbox_url}/instagram",
            "MDP_FX_BASE_URL": f"{sandbox_url}/fx",
            "MDP_SLACK_BASE_URL": f"{sandbox_url}/slack/api/",
            "MDP_SLACK_OPS_CHANNEL": OPS_CHANNEL,
            **credentials,
        }
        self.environment_file.touch(mode=0o600)
        lines = [f"{name}='{value}'" for name, value in environment.items()]
        self.environment_file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def use(self) -> None:
        """Point this process at the world, and at nothing else. Raises NoWorldError where none was made."""
        if not self.environment_file.exists():
            raise NoWorldError(
                f"there is no world in {self.path} yet: `make demo` makes the demo's, `mdp sandbox` another"
            )
        values = dotenv_values(self.environment_file)
        # Nothing of a real installation may reach into a world: its warehouse least of all.
        for name in [name for name in os.environ if name.startswith("MDP_")]:
            del os.environ[name]
        os.environ.update({name: value for name, value in values.items() if value is not None})

    def running_url(self) -> str | None:
        """Address of the sandbox that serves this world now, if one does."""
        address = self.sandbox_dir / "sandbox.json"
        if not address.exists():
            return None
        url = str(json.loads(address.read_text(encoding="utf-8"))["url"])
        try:
            call(f"{url}/_sandbox/health")
        except (urllib.error.URLError, ValueError, ConnectionError):
            return None
        return url
