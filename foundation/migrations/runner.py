"""Brings the warehouse schema up to date, one process at a time."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

# Any fixed number: it names "schema migration of this product" among advisory locks.
MIGRATION_LOCK = 7_305_001


def migrate(warehouse_url: str, revision: str = "head") -> None:
    """Apply the missing revisions, up to ``revision``, to the warehouse under an advisory lock.

    Two processes that start at once run them one after the other; the second finds nothing to do.
    Raises whatever the database raises; each revision is one transaction, so nothing is half applied.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    engine = sa.create_engine(warehouse_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text("select pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
        connection.commit()
        try:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
        finally:
            connection.rollback()
            connection.execute(sa.text("select pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})
            connection.commit()
