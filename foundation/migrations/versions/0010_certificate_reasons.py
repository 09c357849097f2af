"""Reason codes and request ids of certificates."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    sql = (Path(__file__).parents[1] / "sql" / "0010_certificate_reasons.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
