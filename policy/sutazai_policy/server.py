"""Serves the rules to Pulumi's engine, over the protocol of its analyzers.

The SDK's own server (`PolicyPack`) would do the same work once for every policy, shows a stack policy no inputs,
and makes an advice of a rule that meets an unknown value (decision 13). What is served is the same: levels and
settings by `--policy-pack-config`, metadata, resource and stack policies.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc as pb_grpc
from pulumi.runtime.proto import plugin_pb2

from sutazai_policy.answer import LEVELS, SEVERITIES, Answer
from sutazai_policy.judge import Judge, Surroundings
from sutazai_policy.looked import Looked
from sutazai_policy.rule import Rule
from sutazai_policy.schema import config_schema
from sutazai_policy.wire import resource_of

__all__ = ["Analyzer", "serve"]

_MESSAGE_BYTES = 400 * 1024**2
_LOOK_SECONDS = 1.0


def serve(name: str, version: str, rules: Iterable[Rule[Any]], surroundings: Surroundings) -> None:
    """Serve until the engine interrupts this process, or is gone; prints the port, as every plugin does."""
    parent, ended = os.getppid(), threading.Event()
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    server = grpc.server(
        ThreadPoolExecutor(max_workers=4), options=[("grpc.max_receive_message_length", _MESSAGE_BYTES)]
    )
    pb_grpc.add_AnalyzerServicer_to_server(Analyzer(name, version, rules, surroundings), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.buffer.write(f"{port}\n".encode())
    sys.stdout.buffer.flush()
    # The engine ends its plugins by interrupting their process groups; Ctrl-C reaches only its own. And a language
    # host that is killed interrupts nobody.
    while os.getppid() == parent and not ended.wait(_LOOK_SECONDS):
        pass
    server.stop(grace=None)


class Analyzer(pb_grpc.AnalyzerServicer):
    """One policy pack; method names are the protocol's."""

    def __init__(self, name: str, version: str, rules: Iterable[Rule[Any]], surroundings: Surroundings) -> None:
        self._name, self._version = name, version
        self._rules = tuple(rules)
        self._surroundings = surroundings
        self._settings: dict[str, Mapping[str, Any]] = {}
        self._levels: dict[str, pb.EnforcementLevel.ValueType] = {}
        self._inputs: dict[str, Struct] = {}
        self._updating = False
        self._looked = Looked()

    def GetAnalyzerInfo(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Say who we are, and which rules there are."""
        info = pb.AnalyzerInfo(name=self._name, version=self._version, supportsConfig=True)
        info.policies.extend(_info(rule) for rule in self._rules)
        return info

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Say which version this is."""
        return plugin_pb2.PluginInfo(version=self._version)

    def Configure(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Take the levels and settings that the command was given; they come with every rule."""
        for name, config in request.policyConfig.items():
            self._levels[name] = _least_mandatory(config.enforcementLevel)
            self._settings[name] = json_format.MessageToDict(config.properties)
        self._looked = Looked()
        return empty_pb2.Empty()

    def ConfigureStack(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Learn whether this is a preview; what is judged comes from the resources alone."""
        self._updating = not request.dry_run
        self._inputs.clear()
        self._looked = Looked()
        return pb.AnalyzerStackConfigureResponse()

    def Remediate(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Mend nothing: a budget is the operator's to mend."""
        return pb.RemediateResponse()

    def Analyze(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Keep a resource's inputs; during an update, judge it before it is made.

        A preview has judged everything by then, unless it was skipped. Sums are for the end, when all is known.
        """
        self._inputs[request.urn] = request.properties  # read when all is there: the program waits meanwhile
        if not self._updating:
            return pb.AnalyzeResponse()
        return self._response([resource_of(request, {})], [rule for rule in self._rules if rule.alone])

    def AnalyzeStack(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Judge the whole stack, and look afresh at what else runs on its host: an update has changed that."""
        self._looked = Looked()
        # All that is read lives until all is judged: collecting would only look at it again and again.
        gc.disable()
        try:
            return self._response([resource_of(one, self._inputs) for one in request.resources], self._rules)
        finally:
            gc.enable()

    def _response(self, resources: Any, rules: Iterable[Rule[Any]]) -> Any:
        judge = Judge(resources, self._rules, self._settings, self._surroundings, self._looked)
        wanted = [rule for rule in rules if self._levels.get(rule.name, LEVELS[rule.level]) != pb.DISABLED]
        answer = Answer(self._name, self._version, self._levels, len(wanted))
        for rule, found in judge.all_violations(wanted):
            answer.add(rule, found)
        for rule in wanted:
            answer.close(rule)
        return answer.message


def _least_mandatory(level: pb.EnforcementLevel.ValueType) -> pb.EnforcementLevel.ValueType:
    return pb.MANDATORY if level == pb.REMEDIATE else level


def _info(rule: Rule[Any]) -> Any:
    info = pb.PolicyInfo(
        name=rule.name,
        description=rule.description,
        enforcementLevel=LEVELS[rule.level],
        policy_type=pb.POLICY_TYPE_STACK,
        severity=SEVERITIES[rule.severity],
        remediation_steps=rule.remediation,
        tags=[rule.category.value],
    )
    schema = config_schema(rule.settings)
    info.configSchema.properties.update(schema)
    return info
