"""Runs the corpus: each stack through a real `pulumi preview` under the policy pack, and what came of it.

python -m tests.corpus.runner                   # all of it
python -m tests.corpus.runner bad/socket_mount  # some
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PACK = ROOT / "policy"
PROJECT = "corpus"
AT_ONCE = 2  # a preview takes one core for most of its time
_TIMEOUT_S = 300
_SAID = ("EXPECT", "CONFIG", "PULUMI_CONFIG", "EARLIER")


class CorpusError(Exception):
    """The corpus can't be run, or a stack of it doesn't say what it has to."""


@dataclass(frozen=True)
class Stack:
    """A hand-written program: what the pack has to say about it, and with which settings it runs."""

    file: Path
    rule: str | None  # that has to block it; None for a good stack
    who: str
    says: tuple[str, ...]
    hides: tuple[str, ...]
    pack_config: Mapping[str, Any]
    pulumi_config: Mapping[str, str]
    earlier: Sequence[Mapping[str, Any]]

    @property
    def name(self) -> str:
        """Its place in the corpus, as `bad/socket_mount`."""
        return f"{self.file.parent.name}/{self.file.stem}"


@dataclass(frozen=True)
class Violation:
    """What a rule said: message without the rule's description."""

    rule: str
    mandatory: bool
    message: str


@dataclass
class Outcome:
    """How a preview ended."""

    code: int
    violations: list[Violation] = field(default_factory=list)
    judged: bool = False  # by the whole pack, to the end
    workloads: int = 0  # containers and services that the engine was asked for
    errors: list[str] = field(default_factory=list)

    @property
    def mandatory(self) -> list[Violation]:
        """What blocked it."""
        return [violation for violation in self.violations if violation.mandatory]

    def __str__(self) -> str:
        told = [f"[{violation.rule}] {violation.message}" for violation in self.mandatory]
        return "\n".join([f"exit {self.code}, {self.workloads} workloads", *told, *self.errors])


def stacks(kind: str) -> list[Stack]:
    """Return the stacks of a kind, `bad` or `good`, by name."""
    return [read_stack(file) for file in sorted((HERE / kind).glob("*.py"))]


def read_stack(file: Path) -> Stack:
    """Read what the stack's file says about itself, without running it."""
    said = _constants(file)
    expect = said.get("EXPECT")
    if (expect is not None) != (file.parent.name == "bad"):
        raise CorpusError(f"{file}: a bad stack has an EXPECT, and a good one none")
    if expect is None:
        expect = {}
    elif not {"rule", "says"} <= set(expect) <= {"rule", "who", "says", "hides"}:
        raise CorpusError(f"{file}: EXPECT has rule, says and, if need be, who and hides")
    return Stack(
        file=file,
        rule=expect.get("rule"),
        who=expect.get("who", ""),
        says=_texts(expect.get("says", ())),
        hides=_texts(expect.get("hides", ())),
        pack_config=_dated(said.get("CONFIG", {})),
        pulumi_config=said.get("PULUMI_CONFIG", {}),
        earlier=said.get("EARLIER", ()),
    )


def complaints(stack: Stack, outcome: Outcome) -> list[str]:
    """Return what is other than the stack expects; nothing, if all is well."""
    if not outcome.judged:
        return ["the pack hasn't judged it"]
    if not outcome.workloads:
        return ["the engine was asked for no container or service: the program declares nothing"]
    return _of_good(outcome) if stack.rule is None else _of_bad(stack, outcome)


def _of_good(outcome: Outcome) -> list[str]:
    told = [f"[{violation.rule}] {violation.message}" for violation in outcome.mandatory]
    if not told and outcome.code != 0:
        return [f"it ended with {outcome.code}, and no rule says why"]
    return told


def _of_bad(stack: Stack, outcome: Outcome) -> list[str]:
    of_rule = [violation.message for violation in outcome.mandatory if violation.rule == stack.rule]
    wanted = [text for text in (stack.who, *stack.says) if text]
    found = []
    if outcome.code == 0:
        found.append("it wasn't blocked")
    if not of_rule:
        others = ", ".join(sorted({violation.rule for violation in outcome.mandatory}))
        found.append(f"{stack.rule} said nothing ({others or 'nor did any other rule'})")
    elif not any(all(text in message for text in wanted) for message in of_rule):
        found.append(f"{stack.rule} said none of {wanted}, but: " + "; ".join(of_rule[:3]))
    told = [violation.message for violation in outcome.violations]
    found += [f"a message shows {text!r}" for text in stack.hides if any(text in message for message in told)]
    return found


class Bench:
    """A Pulumi project with an empty stack, made once and copied for each preview."""

    def __init__(self, folder: Path, pack: Path = PACK) -> None:
        self._folder = folder
        self._pack = pack
        self._blank = folder / "blank"
        self._blank.mkdir(parents=True)
        (self._blank / "state").mkdir()
        (self._blank / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n", encoding="utf-8")
        self._plugins = folder / "plugins"
        self._plugins.mkdir()
        self._make_plugins()
        made = self._pulumi(self._blank, "stack", "init", "--no-select", "prod")
        if made.returncode:
            raise CorpusError(f"no stack could be made:\n{made.stderr}")

    def preview(self, stack: Stack) -> Outcome:
        """Preview the stack under the pack."""
        project = self._folder / f"{stack.file.parent.name}-{stack.file.stem}"
        shutil.copytree(self._blank, project)
        program = f"import runpy\n\nrunpy.run_path({str(stack.file)!r}, run_name='__main__')\n"
        (project / "__main__.py").write_text(program, encoding="utf-8")
        for key, value in stack.pulumi_config.items():
            self._pulumi(project, "config", "set", "--stack", "prod", key, value)
        if stack.earlier:
            _put_earlier(project, stack.earlier)
        options = ["--policy-pack", str(self._pack)]
        if stack.pack_config:
            settings = project / "policy-config.json"
            settings.write_text(json.dumps(stack.pack_config), encoding="utf-8")
            options += ["--policy-pack-config", str(settings)]
        done = self._pulumi(project, "preview", "--stack", "prod", "--json", *options)
        shutil.rmtree(project)
        return _outcome(done)

    def _make_plugins(self) -> None:
        """Put stand-ins for plugins, which a machine may lack, where Pulumi looks for them."""
        for package in ("command", "random"):
            self._plugin(package, f'"{HERE / "stand_in_provider.py"}"')
        self._plugin("pulumi-python", "-m pulumi.dynamic")

    def _plugin(self, package: str, module: str) -> None:
        file = self._plugins / f"pulumi-resource-{package}"
        file.write_text(f'#!/bin/sh\nexec "{sys.executable}" -u {module} "$@"\n', encoding="utf-8")
        file.chmod(0o755)

    def _pulumi(self, project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        path = [str(Path(sys.executable).parent), os.environ["PATH"], str(self._plugins)]
        environment = {
            **os.environ,
            "PATH": os.pathsep.join(path),
            "PULUMI_BACKEND_URL": f"file://{project / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "1",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        for name in ("PULUMI_STACK", "DOCKER_HOST"):
            environment.pop(name, None)
        return subprocess.run(
            ["pulumi", "--non-interactive", *arguments],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )


@contextmanager
def bench(pack: Path = PACK) -> Iterator[Bench]:
    """Make a bench in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        yield Bench(Path(folder) / "bench", pack)


def _constants(file: Path) -> dict[str, Any]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    if ast.get_docstring(tree) is None:
        raise CorpusError(f"{file}: a stack says in its docstring what it is about")
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id in _SAID:
                found[target.id] = ast.literal_eval(node.value)
    return found


def _dated(given: Any) -> Any:
    """Replace each "in N days", since an exception's end can't be a fixed day for ever."""
    if isinstance(given, dict):
        return {key: _dated(value) for key, value in given.items()}
    if isinstance(given, list):
        return [_dated(value) for value in given]
    if isinstance(given, str) and (days := re.fullmatch(r"in (-?\d+) days", given)):
        return (datetime.now(UTC).date() + timedelta(days=int(days[1]))).isoformat()
    return given


def _texts(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _put_earlier(project: Path, resources: Sequence[Mapping[str, Any]]) -> None:
    """Write resources into the stack's state, as if an earlier update had made them without the pack."""
    file = project / "state" / ".pulumi" / "stacks" / PROJECT / "prod.json"
    state = json.loads(file.read_text(encoding="utf-8"))
    urn = f"urn:pulumi:prod::{PROJECT}"
    root = f"{urn}::pulumi:pulumi:Stack::{PROJECT}-prod"
    provider = f"{urn}::pulumi:providers:docker::default_5_2_0"
    made: list[dict[str, Any]] = [
        {"urn": root, "custom": False, "type": "pulumi:pulumi:Stack"},
        {
            "urn": provider,
            "custom": True,
            "id": "00000000-0000-4000-8000-000000000000",
            "type": "pulumi:providers:docker",
            "inputs": {"version": "5.2.0"},
            "outputs": {"version": "5.2.0"},
        },
    ]
    for resource in resources:
        given = {**resource["inputs"], "__defaults": []}
        made.append(
            {
                "urn": f"{urn}::{resource['type']}::{resource['name']}",
                "custom": True,
                "id": f"id-of-{resource['name']}",
                "type": resource["type"],
                "inputs": given,
                "outputs": {**resource["inputs"], "id": f"id-of-{resource['name']}"},
                "parent": root,
                "provider": f"{provider}::00000000-0000-4000-8000-000000000000",
            }
        )
    state["checkpoint"]["latest"]["resources"] = made
    file.write_text(json.dumps(state), encoding="utf-8")


def _outcome(done: subprocess.CompletedProcess[str]) -> Outcome:
    outcome = Outcome(code=done.returncode)
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            _take(json.loads(line), outcome)
    if done.stderr.strip():
        outcome.errors.append(done.stderr.strip())
    return outcome


def _take(event: Mapping[str, Any], outcome: Outcome) -> None:
    """Add what an event of the engine's says to the outcome."""
    if told := event.get("policyEvent"):
        _, _, message = told["message"].partition("\n")
        mandatory = told["enforcementLevel"] == "mandatory"
        outcome.violations.append(Violation(told["policyName"], mandatory, message.strip()))
    elif "policyAnalyzeStackSummaryEvent" in event:
        outcome.judged = True
    elif planned := event.get("resourcePreEvent"):
        kind = planned["metadata"]["type"]
        outcome.workloads += kind in {"docker:index/container:Container", "docker:index/service:Service"}
    elif (told := event.get("diagnosticEvent")) and told["severity"] in {"error", "info#err"}:
        outcome.errors.append(told["message"].strip())


def main(arguments: Sequence[str]) -> int:
    """Run the stacks whose names begin with an argument, or all; print what is other than expected."""
    parser = argparse.ArgumentParser(description="Run stacks of the corpus under the policy pack.")
    parser.add_argument("names", nargs="*", help="how the names of the stacks begin; all, if none is given")
    parser.add_argument("--pack", type=Path, default=PACK, help="the policy pack's folder")
    given = parser.parse_args(arguments)
    chosen = [
        stack
        for stack in (*stacks("bad"), *stacks("good"))
        if not given.names or stack.name.startswith(tuple(given.names))
    ]
    wrong = 0
    with bench(given.pack) as project, ThreadPoolExecutor(AT_ONCE) as pool:
        for stack, outcome in zip(chosen, pool.map(project.preview, chosen), strict=True):
            found = complaints(stack, outcome)
            wrong += bool(found)
            print(f"{'WRONG' if found else 'ok   '} {stack.name}", flush=True)
            for line in found:
                print(f"      {line}")
            if (found and stack.rule) or len(chosen) == 1:
                print("      " + str(outcome).replace("\n", "\n      "))
    print(f"{len(chosen)} stacks, {wrong} other than expected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
