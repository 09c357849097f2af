"""The queries of the page of common questions run, and answer with the columns that the page shows."""

from datetime import date, timedelta

import pytest

from docs.generator.answers import PAGE, answered, questions
from transforms.reports import ensure_report_views

pytestmark = pytest.mark.integration
DAY = date(2026, 11, 10)


@pytest.fixture
def page():
    return PAGE.read_text(encoding="utf-8")


def test_every_query_of_the_page_runs_and_its_table_has_the_querys_columns(two_clients, page, tmp_path):
    two_clients.build_and_publish()
    ensure_report_views(two_clients.url, target_dir=tmp_path / "published", now=two_clients.now)
    # The same day once more with other conversions: a change since the report.
    two_clients.run("update raw_google_ads.campaign_daily set conversions = 4 where campaign_id = 'g1'")
    two_clients.proved("google_ads", "201", DAY, "restated")
    two_clients.build(now=two_clients.now + timedelta(hours=1))
    two_clients.judge()
    two_clients.publish(now=two_clients.now + timedelta(hours=1))

    asked = list(questions(page))
    assert len(asked) == 7
    two_clients.run("set role mdp_reader")
    rows = {}
    for number, question in enumerate(asked):
        with two_clients.connection.cursor() as cursor:
            cursor.execute(question.query)
            assert tuple(column.name for column in cursor.description) == question.columns
            rows[number] = cursor.fetchall()
    two_clients.connection.rollback()
    # acme spent 20.00 BRL on Meta and 5.000001 USD at 4.96 on Google; its conversions were worth 150.10 and 160 USD.
    spend, value = 20 + 5.000001 * 4.96, 150.10 + 160 * 4.96
    (acme,) = (row for row in rows[0] if row[0] == "acme")
    assert [float(figure) for figure in acme[3:5]] == [round(spend, 2), round(value / spend, 2)]
    # globex has an account without a rate: no sum at all.
    assert [row[3:5] for row in rows[0] if row[0] == "globex"] == [(None, None)]
    # One campaign's conversions went from 1.5 to 4.
    assert [(*row[:4], float(row[6])) for row in rows[4]] == [("acme", "google_ads", "conversions", 1, 2.5)]
    two_clients.run("reset role")
    assert answered(page, two_clients.connection).count("```sql") == 7
