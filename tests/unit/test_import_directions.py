"""Imports go one way, and no module does anything but define when it is imported."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What a room of the program may import of the program, itself always included.
ROOMS = {
    "model": set(),
    "planning": {"model"},
    "control": {"model", "planning"},
    "render": {"model", "planning"},
    "inputs": {"model", "planning"},
    "components": {"model", "planning", "render"},
    "operations": {"model", "planning", "control", "render", "inputs"},
    "program": {"model", "planning", "render", "inputs", "components", "operations"},
    "cli": {"model", "planning", "control", "render", "inputs", "operations"},
    "__main__": {"cli"},
}
PURE = ("model", "planning", "control", "render")
OUTSIDE = {"pulumi", "pulumi_docker", "docker", "psutil", "requests", "subprocess", "socket"}
# Effects and their clients: who may import the Pulumi SDK, and who its Docker provider.
PULUMI_ROOMS = ("components", "program", "operations/deploy", "cli")
PROVIDER_ROOMS = ("components", "program")


def modules(package: str = "sutazai_infra") -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively"
            yield node.module or ""


def room(dotted: str) -> str:
    return dotted.split(".")[1] if "." in dotted else ""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def within(path: Path, rooms: tuple[str, ...]) -> bool:
    inner = path.relative_to(ROOT / "sutazai_infra").with_suffix("").as_posix()
    return any(inner == allowed or inner.startswith(f"{allowed}/") for allowed in rooms)


def breaches(package: str, names: set[str], allowed: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{name_of(path)} imports {module}"
        for path in modules(package)
        if not (allowed and within(path, allowed))
        for module in imported(path)
        if module.split(".")[0] in names
    ]


def test_every_room_has_a_rule() -> None:
    there = {room(name_of(path)) for path in modules()} - {""}

    assert there <= set(ROOMS)


def test_rooms_import_only_what_lies_below_them() -> None:
    wrong = [
        f"{name_of(path)} imports {module}"
        for path in modules()
        for module in imported(path)
        if module.startswith("sutazai_infra.") and (here := room(name_of(path)))
        if room(module) not in ROOMS[here] | {here}
    ]

    assert wrong == []


def test_the_pure_rooms_reach_nothing_outside() -> None:
    wrong = [
        f"{name_of(path)} imports {module}"
        for path in modules()
        if within(path, PURE)
        for module in imported(path)
        if module.split(".")[0] in OUTSIDE
    ]

    assert wrong == []


def test_only_components_and_the_program_import_the_docker_provider() -> None:
    assert breaches("sutazai_infra", {"pulumi_docker"}, PROVIDER_ROOMS) == []


def test_only_they_and_deployment_import_pulumi() -> None:
    assert breaches("sutazai_infra", {"pulumi"}, PULUMI_ROOMS) == []


def test_program_and_policy_pack_know_nothing_of_each_other() -> None:
    assert breaches("policy", {"sutazai_infra", "pulumi_docker"}) == []
    assert breaches("sutazai_infra", {"sutazai_policy", "policy", "pulumi_policy"}) == []


def test_the_entry_point_is_short_and_only_calls_the_program() -> None:
    lines = (ROOT / "__main__.py").read_text(encoding="utf-8").splitlines()

    assert len(lines) <= 30
    assert set(imported(ROOT / "__main__.py")) == {
        "pathlib",
        "pulumi",
        "sutazai_infra.model.errors",
        "sutazai_infra.program",
    }


WITHOUT_PULUMI = [
    name_of(path) for path in modules() if not within(path, PULUMI_ROOMS) and path.name != "__main__.py"
]
_IMPORT_ALL = """
import sys

def refuse(event, arguments):
    writes = event == "open" and any(letter in str(arguments[1] or "r") for letter in "wax+")
    if event in {"subprocess.Popen", "socket.connect", "os.mkdir", "os.remove", "os.rename"} or writes:
        raise SystemExit(f"importing does {event} {arguments}")

sys.dont_write_bytecode = True
for package in ("docker", "psutil", "pydantic", "rich", "typer", "yaml", *sys.argv[2].split(",")):
    __import__(package) if package else None
sys.addaudithook(refuse)
for module in sys.argv[1].split(","):
    __import__(module)
print(*sorted({name.split(".")[0] for name in sys.modules} & {"pulumi", "pulumi_docker"}))
"""


@pytest.mark.parametrize(
    ("names", "first"),
    [(WITHOUT_PULUMI, ""), ([name_of(p) for p in modules() if p.name != "__main__.py"], "pulumi,pulumi_docker")],
    ids=["without pulumi", "all"],
)
def test_importing_has_no_effect_and_pulumi_is_loaded_only_where_it_is_used(names: list[str], first: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALL, ",".join(names), first],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [name for name in first.split(",") if name]
