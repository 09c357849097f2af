"""States of account-days cost what their days cost, not the square of the history."""

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    sql = (Path(__file__).parents[1] / "sql" / "0015_states_by_probe.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
