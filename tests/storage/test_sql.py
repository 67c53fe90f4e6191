"""The SQL keeps to its habits: named, explained, parameters only, in the subset that both databases read."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.storage.conftest import Storage

STORAGE = Path(__file__).parents[2] / "vibevariant" / "storage"
QUERIES = [
    (file.name, query)
    for file in sorted((STORAGE / "sql").glob("*.sql"))
    for query in re.split(r"^-- name: ", file.read_text(), flags=re.MULTILINE)[1:]
]


@pytest.mark.parametrize(("file", "query"), QUERIES, ids=lambda value: str(value).partition("\n")[0])
def test_a_query_says_what_it_answers_and_names_its_columns(file: str, query: str) -> None:
    head, comment, *body = query.strip().splitlines()
    assert re.fullmatch(r"\w+[\^$!]?", head)
    assert comment.startswith("-- ")
    assert comment.endswith((".", "?"))
    sql = "\n".join(body).lower()
    assert "select *" not in sql
    assert ".*" not in sql


@pytest.mark.parametrize(("file", "query"), QUERIES, ids=lambda value: str(value).partition("\n")[0])
def test_a_query_keeps_to_what_sqlite_and_postgresql_share(file: str, query: str) -> None:
    sql = re.sub(r"--.*", "", query).lower()
    for own in (
        "insert or ",
        "ifnull(",
        "strftime",
        "datetime(",
        "now()",
        "rowid",
        "pragma",
        "::",
        "last_insert",
    ):
        assert own not in sql, own


@pytest.mark.parametrize("file", sorted(STORAGE.glob("*.py")), ids=lambda file: file.name)
def test_no_value_is_ever_written_into_a_statement(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and "execute" in ast.unparse(node.func) and node.args:
            assert not isinstance(node.args[0], ast.JoinedStr | ast.BinOp), ast.unparse(node)


@pytest.mark.parametrize(
    "hostile", ["'; drop table visitors; --", '"', "\\", "%_", "ä’😀", "a" * 128, "$1 :x ?"]
)
async def test_hostile_text_is_stored_and_found_as_it_is(storage: Storage, hostile: str) -> None:
    from tests.storage.test_ledger import claim, event

    hero = await storage.experiment(await storage.project())
    [given] = await storage.ledger.claim_assignments([claim(hero, hostile, arm=1)])
    storage.ledger.forget()
    assert await storage.ledger.assignment(hero, hostile) == given
    await storage.ledger.record_events([event(hero, hostile, "signup", given.assigned_at + 1)])
    found = await storage.database.rows("every_tally", experiment_id=hero.id)
    assert sum(row[6] for row in found) == 1


async def test_results_take_one_query_however_many_arms_goals_and_visitors(storage: Storage) -> None:
    from tests.storage.test_ledger import claim

    arms = [{"key": f"arm-{n}"} for n in range(12)]
    hero = await storage.experiment(await storage.project(), arms=arms)
    await storage.ledger.claim_assignments([claim(hero, f"v{n}", arm=n % 12) for n in range(100)])
    asked: list[str] = []
    await storage.database.reader.set_trace_callback(asked.append)
    await storage.ledger.tallies(hero)
    await storage.database.reader.set_trace_callback(None)
    assert len(asked) == 1
