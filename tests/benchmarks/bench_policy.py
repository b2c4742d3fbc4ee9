"""What the policy pack costs beyond the engine's own time, as a curve: up to 10,000 containers.

Run by hand: `python -m tests.benchmarks.bench_policy`. The pack runs as Pulumi runs it: a process of its own, with
the engine's own messages, one at each container's registration and one about the whole stack at the end. Beside
it run packs of Pulumi's SDK: with one empty stack policy (what any pack costs) and, for the smaller sizes, with
twelve (what as many would cost before their first rule). The budget is 2 s for 5,000. CPU time, best of three.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import sutazai_policy
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from tests.policy.stacks import CONTAINER, container, labels

_SIZES = (625, 1_250, 2_500, 5_000, 10_000)
_RUNS = 3
_PACK = Path(sutazai_policy.__file__).parents[1]
_EMPTY = """
from pulumi_policy import PolicyPack, StackValidationPolicy
PolicyPack("empty", [StackValidationPolicy(f"rule-{n}", "Nothing.", lambda *_: None) for n in range(COUNT)])
"""
_HOST = {"cores": 64, "memory_mib": 2_000_000, "reserved_cores": 2}


def main() -> None:
    """Print a line per size and pack."""
    print("containers  pack                    register s  judge s  together s  us/container  found")
    for size in _SIZES:
        messages = [(_message(number), _message(number, outputs=True)) for number in range(size)]
        with tempfile.TemporaryDirectory() as folder:
            packs = {"this one, all rules": _PACK, "SDK, one empty rule": _empty_pack(Path(folder), 1)}
            if size <= 2_500:
                packs["SDK, 12 empty rules"] = _empty_pack(Path(folder), 12)
            for name, pack in packs.items():
                _report(name, pack, messages)


def _report(name: str, pack: Path, messages: list[tuple[Any, Any]]) -> None:
    best = min(_measured(pack, messages) for _ in range(_RUNS))
    both, register, judge, found = best
    print(
        f"{len(messages):>10,}  {name:<22}  {register:>10.2f}  {judge:>7.2f}  {both:>10.2f}"
        f"  {1e6 * both / len(messages):>12.0f}  {found:>5}",
        flush=True,
    )


def _measured(pack: Path, messages: list[tuple[Any, Any]]) -> tuple[float, float, float, int]:
    with _started(pack) as (analyzer, process):
        _configure(analyzer)
        start = _cpu(process)
        for one, _ in messages:
            analyzer.Analyze(
                analyzer_pb2.AnalyzeRequest(type=one.type, name=one.name, urn=one.urn, properties=one.properties)
            )
        registered = _cpu(process)
        answer = analyzer.AnalyzeStack(
            analyzer_pb2.AnalyzeStackRequest(resources=[outputs for _, outputs in messages])
        )
        judged = _cpu(process)
        return judged - start, registered - start, judged - registered, len(answer.diagnostics)


def _cpu(process: subprocess.Popen[bytes]) -> float:
    """Return the CPU seconds that a process has used: what it costs, however busy the machine is."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _started(pack: Path) -> Iterator[tuple[analyzer_pb2_grpc.AnalyzerStub, subprocess.Popen[bytes]]]:
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(pack)]
    options = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=pack) as process:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}", options) as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel), process
        process.kill()


def _configure(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    request = analyzer_pb2.ConfigureAnalyzerRequest()
    for rule in analyzer.GetAnalyzerInfo(empty_pb2.Empty()).policies:
        config = request.policyConfig[rule.name]
        config.enforcementLevel = rule.enforcementLevel
        if "host" in rule.configSchema.properties:
            config.properties.update({"host": _HOST})
    analyzer.Configure(request)
    analyzer.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack="prod", dry_run=True))


def _message(number: int, *, outputs: bool = False) -> Any:
    """Return a container as the engine sends one: on one of 62 cores, in one of three pools and its network.

    Its outputs have every property that the provider knows; what was left out is null.
    """
    name, tier = f"c{number:05}", str(number % 3 + 1)
    pool = ("infrastructure", "agents", "ml")[number % 3]
    own = labels(stack="prod", service=name, pool=pool, tier=tier, priority="medium")
    properties = container(str(2 + number % 62), 2, 8, 16, tier, name=name)
    properties["labels"] = [*own, *properties["labels"][-1:]]
    message = analyzer_pb2.AnalyzerResource(
        type=CONTAINER, name=name, urn=f"urn:pulumi:prod::shop::{CONTAINER}::{name}"
    )
    message.properties.update(properties)
    if outputs:
        message.properties.update(dict.fromkeys(_LEFT_OUT))
    return message


_LEFT_OUT = (
    "attach", "cpuPeriod", "cpuQuota", "cpus", "cgroupParent", "cgroupnsMode", "devices",
    "deviceReadBps", "deviceRequests", "deviceWriteBps", "dns", "dnsOpts", "dnsSearches",
    "domainname", "gpus", "groupAdds", "hosts", "logs", "mounts", "pidMode", "ports", "privileged",
    "publishAllPorts", "rm", "stdinOpen", "storageOpts", "sysctls", "tmpfs", "tty", "ulimits",
    "uploads", "usernsMode", "volumes", "wait", "waitTimeout", "workingDir",
)  # fmt: skip


def _empty_pack(folder: Path, count: int) -> Path:
    pack = folder / f"empty-{count}"
    pack.mkdir(exist_ok=True)
    (pack / "__main__.py").write_text(_EMPTY.replace("COUNT", str(count)), encoding="utf-8")
    (pack / "PulumiPolicy.yaml").write_text("name: empty\nruntime: python\n", encoding="utf-8")
    return pack


if __name__ == "__main__":
    main()
