"""The pack as Pulumi runs it: a process of its own, started by a language host, asked over gRPC, and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
import sutazai_policy
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc
from sutazai_policy.rules import all_rules

from tests.policy.engine_messages import registered, stack_request
from tests.policy.stacks import UNKNOWN, Stack, container, small_stack

_PACK = Path(sutazai_policy.__file__).parents[1]
_COMMAND = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(_PACK)]
# It says who it started and the port that this printed, and waits as a language host does.
_HOST = """
import subprocess, sys, time
pack = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
print(pack.pid, pack.stdout.readline().decode().strip(), flush=True)
time.sleep(600)
"""


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


@contextmanager
def _started() -> Iterator[tuple[subprocess.Popen[bytes], analyzer_pb2_grpc.AnalyzerStub]]:
    with subprocess.Popen(_COMMAND, stdout=subprocess.PIPE, cwd=_PACK, env=_environment()) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield process, analyzer_pb2_grpc.AnalyzerStub(channel)
        process.kill()


@pytest.fixture(scope="module")
def analyzer() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """Start the pack as the language host does, and connect to the port that it prints."""
    with _started() as (_, stub):
        yield stub


def _configure(analyzer: analyzer_pb2_grpc.AnalyzerStub, **rules: dict[str, Any]) -> None:
    """Send what the engine sends: the level and the settings of every rule."""
    request = pb.ConfigureAnalyzerRequest()
    for rule in all_rules():
        config = request.policyConfig[rule.name]
        config.enforcementLevel = pb.EnforcementLevel.Value(rule.level.name)
        config.properties.update(rules.get(rule.name.replace("-", "_"), {}))
    analyzer.Configure(request)
    analyzer.ConfigureStack(pb.AnalyzerStackConfigureRequest(stack="prod", dry_run=True))


def _mandatory(analyzer: analyzer_pb2_grpc.AnalyzerStub, stack: Stack) -> list[Any]:
    found = analyzer.AnalyzeStack(stack_request(stack.resources())).diagnostics
    return [one for one in found if one.enforcementLevel == pb.MANDATORY]


def _one(**changes: Any) -> Stack:
    return Stack().add("redis", container("4-5", 512, 448, 512, **changes))


def test_the_pack_tells_the_engine_its_rules(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty())

    assert info.name == "sutazai"
    assert [rule.name for rule in info.policies] == [rule.name for rule in all_rules()]
    assert analyzer.GetPluginInfo(empty_pb2.Empty()).version == info.version


def test_a_good_stack_passes(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    _configure(analyzer)

    for one in small_stack().resources():
        assert not analyzer.Analyze(registered(one)).diagnostics
    assert _mandatory(analyzer, small_stack()) == []


def test_an_input_that_is_not_known_stays_mandatory(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    _configure(analyzer)

    found = _mandatory(analyzer, _one(memory=UNKNOWN))

    assert {"host-budget", "memory-limit", "tier-quotas"} <= {one.policyName for one in found}


def test_a_violation_is_the_description_and_then_the_message(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    _configure(analyzer)

    (found,) = _mandatory(analyzer, _one(privileged=True))

    assert found.message == (
        "No container has to be privileged.\n"
        "redis is privileged, so it may do to the host what root may: remove privileged,"
        " and add the one capability or device that it needs"
    )
    assert found.urn == _one().urn("redis")


def test_configuration_arrives_as_the_engine_sends_it(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    host = {"cores": 12, "memory_mib": 30085}
    _configure(analyzer, tier_quotas={"host": host, "tiers": {"1": {"memory": 400}}})

    (found,) = _mandatory(analyzer, _one())

    assert "tier 1 requests 448 MiB of 400 MiB" in found.message


def test_configuration_that_can_not_be_used_blocks(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    _configure(analyzer, host_budget={"overcommit": 0})

    (found,) = _mandatory(analyzer, _one())

    assert "the settings of host-budget can't be used: overcommit: input should be" in found.message


def test_the_pack_ends_when_the_engine_interrupts_it() -> None:
    with _started() as (process, stub):
        assert stub.GetAnalyzerInfo(empty_pb2.Empty()).name == "sutazai"

        process.send_signal(signal.SIGINT)

        assert process.wait(10) == 0


def test_the_pack_ends_when_its_language_host_is_killed() -> None:
    command = [sys.executable, "-c", _HOST, *_COMMAND]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=_PACK, env=_environment()) as host:
        assert host.stdout is not None
        pack, port = (int(word) for word in host.stdout.readline().split())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            assert analyzer_pb2_grpc.AnalyzerStub(channel).GetAnalyzerInfo(empty_pb2.Empty()).name == "sutazai"

        host.kill()

    try:
        assert _gone(pack)
    finally:
        _end(pack)


def test_a_pack_that_nobody_listens_to_does_not_stay() -> None:
    reading, writing = os.pipe()
    with subprocess.Popen(
        _COMMAND, stdout=writing, stderr=subprocess.DEVNULL, cwd=_PACK, env=_environment()
    ) as process:
        os.close(writing)
        os.close(reading)

        assert process.wait(30) != 0


def _gone(pid: int, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not _runs(pid):
            return True
        time.sleep(0.05)
    return False


def _runs(pid: int) -> bool:
    """Whether a process runs; what is dead and only waits to be looked at by its parent doesn't."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _end(pid: int) -> None:
    if _runs(pid):
        os.kill(pid, signal.SIGKILL)
