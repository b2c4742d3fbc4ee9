"""Mutation testing of the policy pack's rules: change the code in small ways, and see that a test fails for each.

    python -m tests.mutation                       # every rule, and what rules share
    python -m tests.mutation memory_limit flow     # some modules

A change that no test notices is a survivor; one that never ends is noticed. A survivor is fine only with a reason
(`survivors.yaml`, beside this file); any other fails the run, and so does a reason for what survives no more.
mutmut wants the sources at the root, so it works on a copy.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_PACK = _ROOT / "policy/sutazai_policy"
_SURVIVED = re.compile(r"^\s*(?P<name>\S+__mutmut_\d+): (?P<how>survived|no tests|suspicious)$", re.MULTILINE)
_CONFIG = """
[tool.mutmut]
source_paths = [{paths}]
also_copy = ["sutazai_policy", "tests", "stacks.yaml"]
pytest_add_cli_args_test_selection = ["tests/policy"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "-q", "--import-mode=importlib"]
max_stack_depth = -1

[tool.pytest.ini_options]
pythonpath = ["."]
addopts = "--strict-markers --import-mode=importlib"
markers = ["engine: needs the real engines"]
"""
# Left out: what starts the pack elsewhere, where no mutant is reached; what is about files and metadata; and what
# sends thousands of stacks through all rules, which takes longer than it finds.
_LEFT_OUT = (
    "test_cost.py",
    "test_document.py",
    "test_odd_*.py",
    "test_pack_imports.py",
    "test_pack_process.py",
    "test_rules_metadata.py",
    "test_rules_schema.py",
)


def main() -> int:
    """Run; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help="names of modules; all rules if none is given")
    parser.add_argument("--keep", type=Path, help="work in this folder and keep it, to look at mutants")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        place = given.keep or Path(folder)
        modules = _modules(given.modules)
        _lay_out(place, modules)
        survivors = _mutate(place)
        return _judge(survivors, _reasons(), modules)


def _modules(names: Sequence[str]) -> list[Path]:
    every = [*sorted((_PACK / "rules").glob("[a-z]*.py")), *sorted(_PACK.glob("[a-z]*.py"))]
    if not names:
        return [path for path in every if path.parent.name == "rules"]
    return [path for path in every if path.stem in names]


def _lay_out(place: Path, modules: Sequence[Path]) -> None:
    place.mkdir(exist_ok=True)
    ignored = shutil.ignore_patterns("__pycache__", *_LEFT_OUT)
    shutil.copytree(_PACK, place / "sutazai_policy", ignore=ignored, dirs_exist_ok=True)
    shutil.copytree(_ROOT / "tests/policy", place / "tests/policy", ignore=ignored, dirs_exist_ok=True)
    shutil.copy(_ROOT / "tests/conftest.py", place / "tests")
    shutil.copy(_PACK.parent / "stacks.yaml", place)
    paths = ", ".join(f'"{path.relative_to(_PACK.parent)}"' for path in modules)
    (place / "pyproject.toml").write_text(_CONFIG.format(paths=paths), encoding="utf-8")


def _mutate(place: Path) -> Mapping[str, str]:
    """Return the diffs of what survived, by the mutant's name."""
    # Not a terminal: mutmut draws a spinner all the same, which belongs into no log.
    _run(place, "run", "--max-children", str(os.cpu_count() or 1), quiet=True)
    names = [match["name"] for match in _SURVIVED.finditer(_run(place, "results"))]
    return {name: _changed(_run(place, "show", name)) for name in names}


def _run(place: Path, *arguments: str, quiet: bool = False) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if quiet:
        print(done.stdout.rpartition("\r")[2][-400:].strip() or done.stdout[-2000:], flush=True)
    # mutmut ends with 0 even where it could not start.
    if (
        done.returncode not in (0, 1)
        or "failed to collect stats" in done.stdout
        or "Stopping early" in done.stdout
    ):
        raise SystemExit(done.stdout[-4000:])
    return done.stdout


def _changed(diff: str) -> str:
    lines = [line for line in diff.splitlines() if re.match(r"[-+](?![-+])", line)]
    return "\n".join(lines)


def _reasons() -> Mapping[str, str]:
    """Return the accepted survivors: their changed lines, stripped, and why no test can or should notice."""
    entries = yaml.safe_load((_HERE / "survivors.yaml").read_text(encoding="utf-8")) or []
    return {_key(entry["module"], entry["change"]): entry["reason"] for entry in entries}


def _key(module: str, change: str) -> str:
    return module + "\n" + "\n".join(line.replace(" ", "") for line in change.strip().splitlines())


def _judge(survivors: Mapping[str, str], reasons: Mapping[str, str], modules: Sequence[Path]) -> int:
    keys = {
        name: _key(name.rpartition(".")[0].removeprefix("sutazai_policy."), diff)
        for name, diff in survivors.items()
    }
    unexplained = [name for name in survivors if keys[name] not in reasons]
    own = {str(path.relative_to(_PACK).with_suffix("")).replace("/", ".") for path in modules}
    stale = [key for key in reasons if key.partition("\n")[0] in own and key not in keys.values()]
    for name in unexplained:
        print(f"survived: {name}\n{survivors[name]}\n")
    for key in stale:
        print(f"doesn't survive any more, remove its reason:\n{key}\n")
    print(f"{len(survivors)} survived, {len(survivors) - len(unexplained)} of them with a reason")
    return 1 if unexplained or stale else 0


if __name__ == "__main__":
    sys.exit(main())
