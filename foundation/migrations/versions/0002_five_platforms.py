"""Five platforms: what each proves and for how long, holes in the ledger, quota and expiry of credentials."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    sql = (Path(__file__).parents[1] / "sql" / "0002_five_platforms.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
