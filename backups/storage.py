"""Where archives are kept: a directory, or any S3 endpoint. A name is either whole or not there."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from foundation.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PARTIAL_SUFFIX = ".partial"


class StorageError(RuntimeError):
    """The store refuses or lacks something; the message names it and says what to do."""


class Storage(Protocol):
    """A place for files by name, such as 2026/11/warehouse-….dump.zst."""

    root: str

    def put(self, source: Path, name: str) -> None:
        """Store the file under the name, whole or not at all. The source may be moved away."""
        ...

    def get(self, name: str, target: Path) -> None:
        """Copy the file to ``target``. Raises StorageError where it is missing."""
        ...

    def delete(self, name: str) -> None:
        """Delete the file; nothing happens where it is missing."""
        ...

    def discard_partials(self) -> None:
        """Remove what a killed writer left under no final name; the caller is the only writer."""
        ...


class DirectoryStorage:
    """A local directory whose files only their owner reads."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.root = str(directory)

    def put(self, source: Path, name: str) -> None:
        target = self._directory / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = target.with_name(f".{target.name}{PARTIAL_SUFFIX}")
        shutil.move(source, partial)
        partial.chmod(0o600)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(target)
        self._sync(target.parent)

    def get(self, name: str, target: Path) -> None:
        source = self._directory / name
        if not source.is_file():
            raise StorageError(f"{source} is missing; choose another backup (`mdp backup list`)")
        shutil.copyfile(source, target)

    def delete(self, name: str) -> None:
        (self._directory / name).unlink(missing_ok=True)

    def discard_partials(self) -> None:
        for orphan in self._directory.glob(f"*/*/.*{PARTIAL_SUFFIX}"):
            orphan.unlink(missing_ok=True)

    @staticmethod
    def _sync(directory: Path) -> None:
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class S3Storage:
    """A bucket and prefix; S3 shows an object only once all of it arrived and its SHA-256 agrees."""

    def __init__(self, url: str, endpoint_url: str | None) -> None:
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc:
            raise StorageError(f"MDP_BACKUP_URL is {url!r}; write s3://bucket/prefix")
        self.root = url.rstrip("/")
        self._bucket = parts.netloc
        self._prefix = parts.path.strip("/")
        self._endpoint_url = endpoint_url
        self._connected: S3Client | None = None

    @property
    def _client(self) -> "S3Client":
        if self._connected is None:
            import boto3
            from botocore.config import Config

            config = Config(retries={"max_attempts": 5, "mode": "standard"}, connect_timeout=10, read_timeout=60)
            self._connected = boto3.client("s3", endpoint_url=self._endpoint_url, config=config)
        return self._connected

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def put(self, source: Path, name: str) -> None:
        from boto3.exceptions import S3UploadFailedError
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.upload_file(
                str(source), self._bucket, self._key(name), ExtraArgs={"ChecksumAlgorithm": "SHA256"}
            )
        except (S3UploadFailedError, BotoCoreError, ClientError) as error:
            raise self._explained("writing", name, error) from error

    def get(self, name: str, target: Path) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.download_file(self._bucket, self._key(name), str(target))
        except (BotoCoreError, ClientError) as error:
            raise self._explained("reading", name, error) from error

    def delete(self, name: str) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.delete_object(Bucket=self._bucket, Key=self._key(name))
        except (BotoCoreError, ClientError) as error:
            raise self._explained("deleting", name, error) from error

    def discard_partials(self) -> None:
        """Nothing: the parts of an unfinished upload are no object; a lifecycle rule of the bucket removes them."""

    def _explained(self, doing: str, name: str, error: Exception) -> StorageError:
        return StorageError(
            f"{doing} {self.root}/{name} failed: {error}. Check MDP_BACKUP_URL, MDP_BACKUP_S3_ENDPOINT_URL and the "
            "S3 credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile)"
        )


def storage_at(root: str, settings: Settings) -> Storage:
    """The store of a root as ``BackupLocation.root`` tells it."""
    if root.startswith("s3://"):
        return S3Storage(root, settings.backup_s3_endpoint_url)
    return DirectoryStorage(Path(root))


def storage_of(settings: Settings) -> Storage:
    """The store that new backups go to."""
    return storage_at(settings.backup_url or str(settings.data_dir / "backups"), settings)
