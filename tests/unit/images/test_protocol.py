from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from workload.errors import Invalid
from workload.protocol import Claim, Completion, Heartbeat, NewTask, Registration, Release, TaskRecord

ID = UUID("6a6cbd49-7f0f-4f0c-9d62-2f1f25c1a111")
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        {"agent_name": "crewai", "agent_type": "ai-framework", "agent_role": "lead", "capabilities": []},
        {"name": "crewai", "type": "ai-framework", "role": "lead"},
        {"agent_id": "crewai", "agent_type": "ai-framework", "role": "lead"},
    ],
)
def test_every_form_in_which_the_agents_register_is_understood(body: dict[str, Any]) -> None:
    assert Registration.parse(body) == Registration("crewai", "ai-framework", "lead")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"agent_type": "x"}, "agent_name: is missing"),
        ({"agent_name": "a"}, "agent_type: is missing"),
        (
            {"agent_name": "a b", "agent_type": "x"},
            "agent_name: must be 1 to 100 letters, digits, dots, dashes or underscores, not 'a b'",
        ),
        (
            {"agent_name": 7, "agent_type": "x"},
            "agent_name: must be 1 to 100 letters, digits, dots, dashes or underscores, not 7",
        ),
    ],
)
def test_a_bad_registration_is_refused_with_the_key(body: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Registration.parse(body)
    assert str(refusal.value) == message


def test_a_heartbeat_without_tasks_is_that_of_the_real_agents() -> None:
    assert Heartbeat.parse({"agent_name": "a", "status": "busy"}) == Heartbeat("a", "busy", ())


def test_a_heartbeat_may_name_the_tasks_in_hand() -> None:
    assert Heartbeat.parse({"agent_name": "a", "task_ids": [str(ID)]}).task_ids == (ID,)


@pytest.mark.parametrize("key", ["type", "agent_type"])
def test_a_new_task_names_the_type_of_agent_in_either_form(key: str) -> None:
    assert NewTask.parse({key: "worker", "payload": {"kind": "echo"}}) == NewTask("worker", {"kind": "echo"})


def test_a_payload_must_be_an_object() -> None:
    with pytest.raises(Invalid, match="payload: must be an object, not list"):
        NewTask.parse({"type": "worker", "payload": []})


@pytest.mark.parametrize("said", ["completed", "done", "success"])
def test_each_word_for_success_means_done(said: str) -> None:
    assert Completion.parse({"task_id": str(ID), "status": said}).status == "done"


@pytest.mark.parametrize("said", ["failed", "error"])
def test_each_word_for_failure_means_failed(said: str) -> None:
    assert Completion.parse({"task_id": str(ID), "status": said, "error": "no"}).status == "failed"


def test_an_unknown_outcome_is_refused() -> None:
    with pytest.raises(
        Invalid, match="status: must be one of completed, done, success, error, failed, not 'maybe'"
    ):
        Completion.parse({"task_id": str(ID), "status": "maybe"})


def test_a_result_that_is_no_object_is_wrapped() -> None:
    assert Completion.parse({"task_id": str(ID), "result": 42}).result == {"value": 42}


def test_a_task_id_must_be_a_uuid() -> None:
    with pytest.raises(Invalid, match="task_id: must be a UUID, not None"):
        Completion.parse({})


def test_a_claim_carries_its_id_under_both_names() -> None:
    message = Claim(ID, "worker", {"kind": "echo"}, 2).as_json()
    assert message["id"] == message["task_id"] == str(ID)
    assert message["attempt"] == 2


def test_a_record_tells_how_long_the_task_waited_and_ran() -> None:
    record = TaskRecord(
        id=ID,
        type="worker",
        payload={},
        status="done",
        attempts=1,
        created_at=START,
        claimed_at=START + timedelta(seconds=2),
        finished_at=START + timedelta(seconds=5.25),
    ).as_json()
    assert (record["waited_seconds"], record["ran_seconds"]) == (2.0, 3.25)


def test_a_record_of_a_waiting_task_has_no_times_yet() -> None:
    record = TaskRecord(ID, "worker", {}, "queued", 0, START).as_json()
    assert (record["claimed_at"], record["waited_seconds"], record["ran_seconds"]) == (None, None, None)


def test_a_registration_may_say_how_often_the_agent_beats_and_what_it_has_in_hand() -> None:
    body = {"agent_name": "a", "agent_type": "x", "heartbeat_seconds": 10, "task_ids": [str(ID)]}
    assert Registration.parse(body) == Registration("a", "x", "", 10.0, (ID,))


@pytest.mark.parametrize("value", [0, -1, True, "10", 1e9])
def test_a_senseless_interval_is_refused(value: object) -> None:
    with pytest.raises(Invalid, match="heartbeat_seconds: must be a number of seconds from 0 to 86400, not"):
        Registration.parse({"agent_name": "a", "agent_type": "x", "heartbeat_seconds": value})


def test_a_report_may_bring_the_attempt_that_it_is_of() -> None:
    assert Completion.parse({"task_id": str(ID)}).attempt is None
    assert Completion.parse({"task_id": str(ID), "attempt": 2}).attempt == 2
    assert Release.parse({"task_id": str(ID), "agent_name": "a", "attempt": 2}) == Release(ID, "a", 2)


@pytest.mark.parametrize("value", [0, True, "2", 2.0, 2**31])
def test_a_senseless_attempt_is_refused(value: object) -> None:
    with pytest.raises(Invalid, match="attempt: must be the number that came with the task, not"):
        Release.parse({"task_id": str(ID), "attempt": value})


@pytest.mark.parametrize(
    ("said", "kept"), [("a\0b", "a\ufffdb"), ("\ud800", "?"), ({"a": "\0"}, "{'a': '\\x00'}")]
)
def test_what_no_database_takes_is_replaced_in_what_agents_tell(said: object, kept: str) -> None:
    body = {"agent_name": "a", "type": "t", "role": said, "status": said, "task_id": str(ID), "error": said}
    assert Registration.parse(body).role == kept
    assert Heartbeat.parse(body).status == kept
    assert Completion.parse({**body, "status": "failed"}).error == kept


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_senseless_key_is_refused(key: str) -> None:
    with pytest.raises(Invalid, match="idempotency-key: must be 1 to 200 printable characters"):
        NewTask.parse({"type": "worker"}, key)
