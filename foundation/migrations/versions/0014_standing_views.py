"""Which views of the build stand as the project defines them."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    sql = (Path(__file__).parents[1] / "sql" / "0014_standing_views.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
