"""A backup's path is built and read back by one value."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.location import BackupLocation, BadLocationError


@given(
    at=st.integers(946_684_800_000, 4_102_444_800_000).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC)),
    root=st.sampled_from(["s3://bucket", "s3://bucket/a/b", "/var/backups", "s3://bucket/prefix/"]),
)
def test_a_location_reads_back_what_it_wrote(at: datetime, root: str) -> None:
    location = BackupLocation.new(root, at)
    assert BackupLocation.parse(str(location)) == location
    assert location.started_at == at.replace(microsecond=0)


def test_archive_and_manifest_lie_side_by_side_by_month() -> None:
    location = BackupLocation("s3://b/p", "warehouse-20261105T060708Z-0a1b2c3d")
    assert location.archive == "2026/11/warehouse-20261105T060708Z-0a1b2c3d.dump.zst"
    assert location.manifest == "2026/11/warehouse-20261105T060708Z-0a1b2c3d.manifest.json"
    assert str(location) == f"s3://b/p/{location.archive}"


def test_two_backups_of_the_same_second_differ() -> None:
    at = datetime(2026, 11, 5, tzinfo=UTC)
    assert BackupLocation.new("/x", at) != BackupLocation.new("/x", at)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s3://b/p/2026/11/other.dump.zst",
        "s3://b/p/2025/11/warehouse-20261105T060708Z-0a1b2c3d.dump.zst",
        "s3://b/p/2026/11/warehouse-20261105T060708Z-0a1b2c3d.dump",
        "s3://b/p/2026/11/warehouse-20261105T060708Z-0a1b2c3d.dump.zst/../x",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadLocationError, match="form is"):
        BackupLocation.parse(text)
