"""What was reported when, down to the row: report versions of account-days, spans that never run backwards."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    sql = (Path(__file__).parents[1] / "sql" / "0003_restatements.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
