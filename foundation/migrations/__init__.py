"""Numbered schema migrations of the warehouse (Alembic revisions that run the SQL files beside them)."""

from foundation.migrations.runner import migrate

__all__ = ["migrate"]
