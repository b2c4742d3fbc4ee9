"""The pack shares no code with the program that it judges, and names all else that it needs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import sutazai_policy
import yaml

_PACK = Path(sutazai_policy.__file__).parents[1]
_PROJECT = tomllib.loads((_PACK / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# What a package is imported as, where that isn't its name.
_IMPORTED_AS = {"grpcio": "grpc", "protobuf": "google", "pulumi-policy": "pulumi_policy", "pyyaml": "yaml"}


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, file
            yield node.module or ""


def _imported() -> set[str]:
    return {name for file in _PACK.rglob("*.py") for name in _imports(file)}


def test_the_pack_imports_nothing_of_the_program_and_only_what_it_names() -> None:
    needed = [re.split(r"[^\w-]", one)[0] for one in _PROJECT["dependencies"]]
    others = {name.split(".")[0] for name in _imported()} - sys.stdlib_module_names - {"sutazai_policy"}

    assert others == {_IMPORTED_AS.get(name, name) for name in needed}
    assert others == {"google", "grpc", "pulumi", "pulumi_policy", "pydantic", "yaml"}


def test_of_google_the_pack_imports_protobuf_alone() -> None:
    google = {name for name in _imported() if name.startswith("google")}

    assert google
    assert all(name == "google.protobuf" or name.startswith("google.protobuf.") for name in google)


def test_the_pack_is_loaded_without_the_program() -> None:
    program = "import sys, sutazai_policy.server, sutazai_policy.rules as r; r.all_rules(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=_PACK,
        env={"PYTHONPATH": str(_PACK)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()

    assert "sutazai_policy.server" in loaded
    assert not [name for name in loaded if name.split(".")[0] in {"sutazai_infra", "docker", "pulumi_docker"}]


def test_the_pack_has_one_version() -> None:
    project = yaml.safe_load((_PACK / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    (served,) = re.findall(r'"(\d+\.\d+\.\d+)"', (_PACK / "__main__.py").read_text(encoding="utf-8"))

    assert project["version"] == _PROJECT["version"] == served
