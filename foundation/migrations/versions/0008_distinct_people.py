"""A type for people reached that sum() refuses."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    sql = (Path(__file__).parents[1] / "sql" / "0008_distinct_people.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
