"""The page of common questions keeps what people wrote, whatever stands between the answers."""

from docs.generator.answers import PAGE, questions

_TEXT = (
    "Before.\n\n```sql\nselect 1 as a;\n```\n\n| a |\n| --- |\n| 1 |\n\n"
    "Between | and.\n\n```sql\nselect 2 as b;\n```\n\nAfter.\n"
)


def test_each_query_is_found_with_the_columns_of_its_own_table() -> None:
    assert [(found.query, found.columns) for found in questions(_TEXT)] == [
        ("select 1 as a;\n", ("a",)),
        ("select 2 as b;\n", ()),
    ]


def test_every_query_of_the_page_has_a_table_beneath_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    found = list(questions(page))
    assert len(found) == page.count("```sql") == 7
    assert all(question.columns for question in found)
