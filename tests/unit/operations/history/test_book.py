from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from obstore.store import MemoryStore

from sutazai_infra.model.plan import Plan
from sutazai_infra.model.update import Result
from sutazai_infra.operations.history.book import Book, HistoryError
from sutazai_infra.operations.statestore import StateStore
from sutazai_infra.planning.planner import plan
from tests.unit.operations.history.history_samples import update
from tests.unit.planning.planning_samples import catalogue, host, service, settings

PLAN = plan(catalogue([service("api")]), host(4, "8Gi"), settings())
RECORD = "history/sutazai-infra/lab/000001.json"


@pytest.fixture
def store() -> StateStore:
    return StateStore(MemoryStore(), "memory")


@pytest.fixture
def book(store: StateStore) -> Book:
    return Book(store, "lab")


def test_updates_are_numbered_kept_and_ended(book: Book) -> None:
    first = book.begin(lambda number: update(number, Result.RUNNING), PLAN)
    second = book.begin(lambda number: update(number, Result.RUNNING), PLAN)
    book.end(first.ended(Result.SUCCEEDED, 12.34))
    assert book.numbers() == (1, 2)
    assert [(u.number, u.result, u.seconds) for u in book.updates()] == [
        (1, Result.SUCCEEDED, 12.3),
        (2, Result.RUNNING, None),
    ]
    assert second == book.update(2)
    assert book.plan(1) == PLAN


def test_two_at_once_get_two_numbers(store: StateStore) -> None:
    def begin(message: str) -> int:
        return Book(store, "lab").begin(lambda number: update(number, message=message), PLAN).number

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(begin, "abcdefgh"))
    assert sorted(taken) == list(range(1, 9))
    assert sorted(u.message for u in Book(store, "lab").updates()) == list("abcdefgh")


def test_stacks_have_histories_of_their_own(store: StateStore, book: Book) -> None:
    book.begin(update, PLAN)
    assert Book(store, "other").numbers() == ()


def test_what_is_not_there_is_told_with_what_is(book: Book) -> None:
    with pytest.raises(HistoryError) as error:
        book.update(7)
    assert str(error.value) == "stack lab has no update 7: it has none yet; `sutazai up` makes the first"
    book.begin(update, PLAN)
    book.begin(update, PLAN)
    with pytest.raises(HistoryError, match="stack lab has no update 7: it has 1 to 2"):
        book.update(7)


def test_what_a_newer_version_added_is_left_and_a_broken_record_is_named(store: StateStore, book: Book) -> None:
    kept = book.begin(update, PLAN)
    newer = {**json.loads(kept.model_dump_json()), "weather": "fine"}
    store.write(RECORD, json.dumps(newer).encode())
    assert book.update(1) == kept
    store.write(RECORD, b'{"number": 1')
    with pytest.raises(HistoryError, match=f"memory/{RECORD}: can't be read: "):
        book.update(1)


def test_a_plan_that_is_missing_or_broken_is_told(store: StateStore, book: Book) -> None:
    book.begin(update, PLAN)
    path = RECORD.replace("json", "plan.json.gz")
    store.write(path, b"no gzip")
    with pytest.raises(HistoryError, match="update 1 of stack lab: its plan can't be read by this version"):
        book.plan(1)
    store.remove(path)
    with pytest.raises(HistoryError, match="update 1 of stack lab: no plan of it is kept"):
        book.plan(1)


def test_the_same_plan_is_kept_as_the_same_bytes(store: StateStore, book: Book) -> None:
    for _ in range(2):
        book.begin(update, Plan.model_validate_json(PLAN.model_dump_json()))
    folder = "history/sutazai-infra/lab"
    assert store.read(f"{folder}/000001.plan.json.gz") == store.read(f"{folder}/000002.plan.json.gz") is not None
