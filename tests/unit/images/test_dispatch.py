from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from uuid import UUID

import pytest
from workload.dispatch import Dispatcher, Limits, Swept
from workload.errors import KeyReused, QueueFull, Unavailable, Unknown
from workload.protocol import Completion, Heartbeat, NewTask, Registration, Release

from tests.unit.images.fakes import MemoryQueue, MemoryStore

T = TypeVar("T")
TASK = NewTask("worker", {"kind": "echo", "text": "x"})
LIMITS = Limits(queued_per_type=3, visibility_seconds=60, attempts=2)


def done(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def queue() -> MemoryQueue:
    return MemoryQueue()


@pytest.fixture
def dispatcher(store: MemoryStore, queue: MemoryQueue) -> Dispatcher:
    return Dispatcher(store, queue, LIMITS)


def test_tasks_are_handed_out_oldest_first(dispatcher: Dispatcher, store: MemoryStore) -> None:
    first = done(dispatcher.submit(TASK))
    store.pass_time(1)
    second = done(dispatcher.submit(TASK))
    claims = [done(dispatcher.next("worker", "a")) for _ in range(3)]
    assert [claim and claim.id for claim in claims] == [first, second, None]


def test_a_task_goes_to_agents_of_its_type_only(dispatcher: Dispatcher) -> None:
    done(dispatcher.submit(TASK))
    assert done(dispatcher.next("painter", "a")) is None


def test_a_full_queue_refuses_and_says_how_much_of_what_limit(dispatcher: Dispatcher) -> None:
    for _ in range(3):
        done(dispatcher.submit(TASK))
    with pytest.raises(QueueFull, match="queue worker holds 3 tasks of 3: try again later, or add agents"):
        done(dispatcher.submit(TASK))


def test_a_full_queue_leaves_room_for_another_type(dispatcher: Dispatcher) -> None:
    for _ in range(3):
        done(dispatcher.submit(TASK))
    assert done(dispatcher.submit(NewTask("painter", {})))


def test_a_claimed_task_makes_room(dispatcher: Dispatcher) -> None:
    for _ in range(3):
        done(dispatcher.submit(TASK))
    done(dispatcher.next("worker", "a"))
    assert done(dispatcher.submit(TASK))


def test_a_task_whose_agent_died_is_handed_out_again(dispatcher: Dispatcher, store: MemoryStore) -> None:
    task_id = done(dispatcher.submit(TASK))
    done(dispatcher.next("worker", "a"))
    store.pass_time(61)
    assert done(dispatcher.sweep()) == Swept(requeued=1, given_up=0)
    again = done(dispatcher.next("worker", "b"))
    assert again is not None
    assert (again.id, again.attempt) == (task_id, 2)


def test_a_retried_task_keeps_its_turn(dispatcher: Dispatcher, store: MemoryStore) -> None:
    first = done(dispatcher.submit(TASK))
    done(dispatcher.next("worker", "a"))
    store.pass_time(61)
    done(dispatcher.submit(TASK))
    done(dispatcher.sweep())
    claim = done(dispatcher.next("worker", "b"))
    assert claim is not None
    assert claim.id == first


def test_a_task_that_kills_its_agents_is_given_up(dispatcher: Dispatcher, store: MemoryStore) -> None:
    task_id = done(dispatcher.submit(TASK))
    for _ in range(2):
        done(dispatcher.next("worker", "a"))
        store.pass_time(61)
        done(dispatcher.sweep())
    assert done(store.task(task_id)).status == "failed"
    assert done(dispatcher.next("worker", "a")) is None


def test_a_heartbeat_prolongs_the_claim(dispatcher: Dispatcher, store: MemoryStore) -> None:
    done(store.register(Registration("a", "worker", "")))
    task_id = done(dispatcher.submit(TASK))
    done(dispatcher.next("worker", "a"))
    store.pass_time(50)
    done(store.heartbeat(Heartbeat("a", "active", (task_id,)), LIMITS.visibility_seconds))
    store.pass_time(50)
    assert done(dispatcher.sweep()) == Swept(0, 0)


def test_the_second_completion_changes_nothing(dispatcher: Dispatcher, store: MemoryStore) -> None:
    task_id = done(dispatcher.submit(TASK))
    done(dispatcher.next("worker", "a"))
    first = Completion(task_id, "a", "done", {"echo": "x"}, None)
    assert done(dispatcher.complete(first)) == "accepted"
    assert done(dispatcher.complete(Completion(task_id, "b", "failed", None, "late"))) == "already-complete"
    assert done(store.task(task_id)).result == {"echo": "x"}


def test_an_agent_that_was_thought_dead_may_still_complete(dispatcher: Dispatcher, store: MemoryStore) -> None:
    task_id = done(dispatcher.submit(TASK))
    done(dispatcher.next("worker", "a"))
    store.pass_time(61)
    done(dispatcher.sweep())
    assert done(dispatcher.complete(Completion(task_id, "a", "done", {}, None))) == "accepted"
    assert done(dispatcher.next("worker", "b")) is None


def test_an_unknown_task_cannot_be_completed(dispatcher: Dispatcher) -> None:
    task_id = done(Dispatcher(MemoryStore(), MemoryQueue(), LIMITS).submit(TASK))
    with pytest.raises(Unknown):
        done(dispatcher.complete(Completion(task_id, "a", "done", {}, None)))


def test_a_queue_that_forgot_everything_is_filled_from_the_store(
    dispatcher: Dispatcher, queue: MemoryQueue
) -> None:
    task_id = done(dispatcher.submit(TASK))
    queue.ids.clear()
    assert done(dispatcher.next("worker", "a")) is None
    done(dispatcher.sweep())
    claim = done(dispatcher.next("worker", "a"))
    assert claim is not None
    assert claim.id == task_id


def test_a_task_is_accepted_while_the_queue_is_away(dispatcher: Dispatcher, queue: MemoryQueue) -> None:
    queue.reachable = False
    task_id = done(dispatcher.submit(TASK))
    queue.reachable = True
    done(dispatcher.sweep())
    claim = done(dispatcher.next("worker", "a"))
    assert claim is not None
    assert claim.id == task_id


def test_an_id_that_was_popped_while_the_store_was_away_is_not_lost(
    dispatcher: Dispatcher, store: MemoryStore
) -> None:
    task_id = done(dispatcher.submit(TASK))
    store.reachable = False
    with pytest.raises(Unavailable):
        done(dispatcher.next("worker", "a"))
    store.reachable = True
    done(dispatcher.sweep())
    claim = done(dispatcher.next("worker", "a"))
    assert claim is not None
    assert claim.id == task_id


def test_an_id_that_is_queued_twice_is_handed_out_once(
    dispatcher: Dispatcher, store: MemoryStore, queue: MemoryQueue
) -> None:
    done(dispatcher.submit(TASK))
    waiting = done(store.queued())
    done(dispatcher.next("worker", "a"))
    done(queue.push(waiting))
    assert done(dispatcher.next("worker", "b")) is None


def taken_twice(dispatcher: Dispatcher, store: MemoryStore) -> UUID:
    """Hand one task to a, which falls silent, and then to b."""
    task_id = done(dispatcher.submit(TASK))
    done(dispatcher.next("worker", "a"))
    store.pass_time(61)
    done(dispatcher.sweep())
    done(dispatcher.next("worker", "b"))
    return task_id


@pytest.mark.parametrize("attempt", [1, None])
def test_an_agent_that_lost_its_task_cannot_fail_it(
    dispatcher: Dispatcher, store: MemoryStore, attempt: int | None
) -> None:
    task_id = taken_twice(dispatcher, store)
    late = Completion(task_id, "a", "failed", None, "broken", attempt)
    assert done(dispatcher.complete(late)) == "superseded"
    assert done(store.task(task_id)).status == "running"


def test_an_agent_that_lost_its_task_may_still_say_that_it_is_done(
    dispatcher: Dispatcher, store: MemoryStore
) -> None:
    task_id = taken_twice(dispatcher, store)
    assert done(dispatcher.complete(Completion(task_id, "a", "done", {"by": "a"}, None, 1))) == "accepted"
    assert done(dispatcher.complete(Completion(task_id, "b", "done", {"by": "b"}, None, 2))) == "already-complete"
    assert done(store.task(task_id)).result == {"by": "a"}


def test_the_newest_attempt_may_fail_its_task(dispatcher: Dispatcher, store: MemoryStore) -> None:
    task_id = taken_twice(dispatcher, store)
    assert done(dispatcher.complete(Completion(task_id, "b", "failed", None, "broken", 2))) == "accepted"


def test_a_task_that_is_given_back_goes_to_the_next_at_once(dispatcher: Dispatcher) -> None:
    task_id = done(dispatcher.submit(TASK))
    done(dispatcher.next("worker", "a"))
    assert done(dispatcher.release(Release(task_id, "a", 1))) == "released"
    claim = done(dispatcher.next("worker", "b"))
    assert claim is not None
    assert (claim.id, claim.attempt) == (task_id, 2)


def test_only_who_has_a_task_can_give_it_back(dispatcher: Dispatcher, store: MemoryStore) -> None:
    task_id = taken_twice(dispatcher, store)
    assert done(dispatcher.release(Release(task_id, "a", 1))) == "superseded"
    assert done(store.task(task_id)).status == "running"


def test_an_agent_that_starts_anew_has_lost_what_it_had(dispatcher: Dispatcher) -> None:
    done(dispatcher.register(Registration("a", "worker", "")))
    task_id = done(dispatcher.submit(TASK))
    done(dispatcher.next("worker", "a"))
    done(dispatcher.register(Registration("a", "worker", "")))
    claim = done(dispatcher.next("worker", "a"))
    assert claim is not None
    assert (claim.id, claim.attempt) == (task_id, 2)


def test_an_agent_that_registers_again_keeps_what_it_names(dispatcher: Dispatcher, store: MemoryStore) -> None:
    task_id = done(dispatcher.submit(TASK))
    done(dispatcher.next("worker", "a"))
    done(dispatcher.register(Registration("a", "worker", "", None, (task_id,))))
    assert done(store.task(task_id)).status == "running"


@pytest.mark.parametrize(("beat", "requeued"), [(10, 1), (None, 0)])
def test_three_missed_heartbeats_give_a_task_back_if_any_were_promised(
    dispatcher: Dispatcher, store: MemoryStore, beat: float | None, requeued: int
) -> None:
    done(dispatcher.register(Registration("a", "worker", "", beat)))
    done(dispatcher.submit(TASK))
    done(dispatcher.next("worker", "a"))
    store.pass_time(31)
    assert done(dispatcher.sweep()) == Swept(requeued, 0)


def test_a_task_that_is_sent_again_with_its_key_is_the_same_task(
    dispatcher: Dispatcher, store: MemoryStore
) -> None:
    keyed = NewTask("worker", {"kind": "echo"}, "k1")
    first = done(dispatcher.submit(keyed))
    for _ in range(2):
        done(dispatcher.submit(TASK))
    # The queue is full: what was accepted stays accepted.
    assert done(dispatcher.submit(keyed)) == first
    assert len(store.tasks) == 3


def test_a_key_that_came_with_another_task_is_refused(dispatcher: Dispatcher) -> None:
    done(dispatcher.submit(NewTask("worker", {"kind": "echo"}, "k1")))
    with pytest.raises(KeyReused):
        done(dispatcher.submit(NewTask("worker", {"kind": "sum"}, "k1")))


def test_a_task_that_ended_leaves_nothing_in_the_queue(dispatcher: Dispatcher, queue: MemoryQueue) -> None:
    task_id = done(dispatcher.submit(TASK))
    done(dispatcher.next("worker", "a"))
    assert queue.delivered == {task_id: "a"}
    done(dispatcher.complete(Completion(task_id, "a", "done", {}, None, 1)))
    assert (queue.ids, queue.delivered) == ({"worker": {}}, {})


def test_a_task_ends_while_the_queue_is_away_and_leaves_it_with_the_next_who_asks(
    dispatcher: Dispatcher, queue: MemoryQueue
) -> None:
    task_id = done(dispatcher.submit(TASK))
    done(dispatcher.next("worker", "a"))
    queue.reachable = False
    assert done(dispatcher.complete(Completion(task_id, "a", "done", {}, None, 1))) == "accepted"
    queue.reachable = True
    # As Redis would, of an entry that nobody has acknowledged for long.
    queue.delivered.clear()
    assert done(dispatcher.next("worker", "b")) is None
    assert queue.ids == {"worker": {}}
