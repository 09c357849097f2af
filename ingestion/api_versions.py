"""The sunset calendar of the platforms' APIs: what is in use, and how long it is still served."""

from datetime import date

from foundation.database import Connection, transaction
from foundation.settings import Settings
from ingestion.platforms import PLATFORMS, Platform
from ingestion.reports import ApiVersion

WARN_DAYS_BEFORE = 90


def version_in_use(platform: Platform, settings: Settings) -> ApiVersion:
    """The calendar's entry for the version that the settings ask for; one without a date where it is not listed."""
    asked = platform.version_in_use(settings)
    listed = {version.version: version for version in platform.definition.api_versions}
    return listed.get(asked, ApiVersion(asked, None, "not in the calendar"))


def days_until_sunset(version: ApiVersion, today: date) -> int | None:
    """Days for which the version is still served; 0 or less = it fails; None where no end is known."""
    return (version.ends_on - today).days if version.ends_on else None


def record_versions(connection: Connection, settings: Settings) -> None:
    """Write the calendar and what is in use to ops.api_version."""
    with transaction(connection) as cursor:
        cursor.execute("lock table ops.api_version in share row exclusive mode")
        cursor.execute("delete from ops.api_version")
        for platform in PLATFORMS.values():
            used = version_in_use(platform, settings)
            others = [version for version in platform.definition.api_versions if version.version != used.version]
            for version in (used, *others):
                cursor.execute(
                    "insert into ops.api_version (platform, version, ends_on, source, in_use) "
                    "values (%s, %s, %s, %s, %s)",
                    (platform.definition.name, version.version, version.ends_on, version.source, version is used),
                )
