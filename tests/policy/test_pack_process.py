"""The pack as Pulumi runs it: a process of its own, asked over gRPC with the engine's own messages."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]  # it ships no types
import pytest
import sutazai_policy
from google.protobuf import empty_pb2  # type: ignore[import-untyped]  # it ships no types
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from tests.policy.stacks import CONTAINER, UNKNOWN, container

_PACK = Path(sutazai_policy.__file__).parents[1]


@pytest.fixture(scope="module")
def analyzer() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """Start the pack as the language host does, and connect to the port that it prints."""
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(_PACK)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=_PACK, env=environment) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
        process.kill()


def _resource(name: str, properties: dict[str, Any]) -> analyzer_pb2.AnalyzerResource:
    resource = analyzer_pb2.AnalyzerResource(
        type=CONTAINER, name=name, urn=f"urn:pulumi:prod::shop::{CONTAINER}::{name}"
    )
    resource.properties.update(properties)
    return resource


def _configure(analyzer: analyzer_pb2_grpc.AnalyzerStub, **rules: dict[str, Any]) -> None:
    request = analyzer_pb2.ConfigureAnalyzerRequest()
    for name, properties in rules.items():
        config = request.policyConfig[name.replace("_", "-")]
        config.enforcementLevel = analyzer_pb2.MANDATORY
        config.properties.update(properties)
    analyzer.Configure(request)


def _analyze(
    analyzer: analyzer_pb2_grpc.AnalyzerStub, *resources: analyzer_pb2.AnalyzerResource
) -> list[analyzer_pb2.AnalyzeDiagnostic]:
    return list(analyzer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=resources)).diagnostics)


def test_the_pack_tells_the_engine_its_rules(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty())

    assert info.name == "sutazai"
    assert [rule.name for rule in info.policies] == ["host-budget", "limits-required", "tier-quotas"]
    assert {rule.enforcementLevel for rule in info.policies} == {analyzer_pb2.MANDATORY}
    assert {rule.policy_type for rule in info.policies} == {analyzer_pb2.POLICY_TYPE_STACK}


def test_a_good_stack_passes(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    _configure(analyzer)

    assert _analyze(analyzer, _resource("redis", container("4-5", 512, 448, 512))) == []


def test_an_unknown_budget_input_stays_mandatory(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    _configure(analyzer)

    found = _analyze(analyzer, _resource("redis", container("4-5", 512, 448, 512, memory=UNKNOWN)))

    assert {one.enforcementLevel for one in found} == {analyzer_pb2.MANDATORY}
    assert {one.policyName for one in found} == {"host-budget", "limits-required", "tier-quotas"}


def test_a_violation_is_the_description_and_then_the_message(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    _configure(analyzer)

    (found,) = _analyze(analyzer, _resource("redis", container("4-5", 512, 448, 512, memorySwap=-1)))

    assert found.message == (
        "Every container has to state its cores, its CPU and memory requests, and its memory limit.\n"
        "redis has a memorySwap of -1, so it may swap without end: set memorySwap to 512"
    )
    assert found.urn == f"urn:pulumi:prod::shop::{CONTAINER}::redis"


def test_configuration_arrives_as_the_engine_sends_it(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    _configure(
        analyzer,
        tier_quotas={"host": {"cores": 12, "memory_mib": 30085}, "tiers": {"1": {"memory": 400}}},
    )

    (found,) = _analyze(analyzer, _resource("redis", container("4-5", 512, 448, 512)))

    assert found.message.endswith(
        "tier 1 requests 448 MiB of 400 MiB (redis 448): lower a request, or raise tiers.1.memory"
    )


def test_configuration_that_can_not_be_used_blocks(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    _configure(analyzer, host_budget={"overcommit": 0})

    (found,) = _analyze(analyzer, _resource("redis", container("4-5", 512, 448, 512)))

    assert "the settings of host-budget can't be used: overcommit: input should be" in found.message
