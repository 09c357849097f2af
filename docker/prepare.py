"""Runs once before the services: brings the schema up to date and makes sure that the backup bucket exists."""

from urllib.parse import urlsplit

from foundation.migrations import migrate
from foundation.settings import Settings, load_settings, require_warehouse_url


def ensure_bucket(settings: Settings) -> None:
    """Create the bucket of MDP_BACKUP_URL where it is missing; nothing to do for a local directory."""
    parts = urlsplit(settings.backup_url or "")
    if parts.scheme != "s3":
        return
    import boto3
    from botocore.exceptions import ClientError

    client = boto3.client("s3", endpoint_url=settings.backup_s3_endpoint_url)
    try:
        client.head_bucket(Bucket=parts.netloc)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        client.create_bucket(Bucket=parts.netloc)


if __name__ == "__main__":
    configured = load_settings()
    migrate(require_warehouse_url(configured))
    ensure_bucket(configured)
