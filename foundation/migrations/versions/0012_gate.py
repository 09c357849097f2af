"""Publication takes only what the gate decided in its own transaction; overrides; absence; quarantine for reading."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    sql = (Path(__file__).parents[1] / "sql" / "0012_gate.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
