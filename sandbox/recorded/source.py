"""The recording as a source of accounts and figures, and its client files."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from sandbox.client_files import write_client_files
from sandbox.recorded.google_files import read_google
from sandbox.recorded.meta_files import read_meta
from sandbox.recorded.recording import Recording
from sandbox.world.figures import Level, ListTable
from sandbox.world.fx import ReferenceRates
from sandbox.world.model import Account, Client
from sandbox.world.world import DEFAULT_SEED

META_CREDENTIAL, GOOGLE_CREDENTIAL = "recorded_meta", "recorded_google"
SLACK_CHANNEL = "C0RECORDED"
_CLOCK_DAYS_AFTER = 3


class RecordedSource:
    """Accounts of a folder with ``meta_ads`` and ``google_ads`` in it. Nothing restates; reference rates are seeded.

    Dates are older than the platforms keep, so their retention limits are off.
    """

    def __init__(self, folder: Path, seed: int = DEFAULT_SEED) -> None:
        self.seed = seed
        self.rates = ReferenceRates(seed)
        self.revoked: frozenset[str] = frozenset()
        self.manager_id = self.closed_customer_id = ""
        self.enforces_retention = False
        recordings = [*read_meta(folder / "meta_ads"), *read_google(folder / "google_ads")]
        if not recordings:
            raise ValueError(f"{folder} holds no recorded figures; expected the folders meta_ads and google_ads in it")
        self._recordings = {(recording.platform, recording.account_id): recording for recording in recordings}
        self.clients: tuple[Client, ...] = tuple(_client(recording) for recording in recordings)

    @property
    def clock_start(self) -> datetime:
        """Noon UTC, some days after the latest recorded day."""
        last = max(recording.days()[-1] for recording in self._recordings.values())
        return datetime.combine(last + timedelta(days=_CLOCK_DAYS_AFTER), time(12), UTC)

    def table(self, account: Account, level: Level, as_of: datetime) -> ListTable:
        """The recorded rows of days that have passed."""
        rows = self._recordings[account.platform, account.account_id].table(level)
        return ListTable(level, [row for row in rows if row.day <= as_of.date()])


def _client(recording: Recording) -> Client:
    credential = META_CREDENTIAL if recording.platform == "meta_ads" else GOOGLE_CREDENTIAL
    days = recording.days()
    return Client(
        client_id=recording.client_id,
        name=f"{recording.name} (recorded)",
        active_from=days[0],
        active_to=days[-1],
        reporting_currency=recording.currency,
        timezone=recording.timezone,
        slack_channel=SLACK_CHANNEL,
        accounts=(recording.account(credential),),
    )


def write_recorded_client_files(folder: Path, directory: Path) -> list[Path]:
    """One client file a recorded account: active from its first to its last recorded day."""
    return write_client_files(RecordedSource(folder), directory)
