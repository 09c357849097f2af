"""Naming conventions and planned budgets of the client files; percent-decoding of URLs."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    sql = (Path(__file__).parents[1] / "sql" / "0006_naming_and_budgets.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
