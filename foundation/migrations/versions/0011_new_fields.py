"""Fields that platforms send and nobody asked for."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    sql = (Path(__file__).parents[1] / "sql" / "0011_new_fields.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
