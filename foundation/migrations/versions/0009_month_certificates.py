"""Settled months against the platforms' own totals of them."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    sql = (Path(__file__).parents[1] / "sql" / "0009_month_certificates.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
