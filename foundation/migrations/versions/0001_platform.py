"""The platform's own tables: registry, FX rates, ledger, certificates, publications, incidents, backups."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    sql = (Path(__file__).parents[1] / "sql" / "0001_platform.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
