"""What the documentation names is there: commands, files, links, settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from sutazai_infra.cli.app import app
from sutazai_infra.model.settings import ServiceOverride, ServiceSelection, Settings, TierOverride, Tls

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "policy/*.md", "images/*.md", "tools/*.md")
    for path in ROOT.glob(pattern)
)
OWN_PAGES = [page for page in PAGES if page.partition("/")[0] not in {"policy", "images", "tools"}]
PREFIX = "sutazai-infra:"

_FENCE = re.compile(r"^```.*?^```$", re.M | re.S)
_INDENTED = re.compile(r"^ {4,}\S.*$", re.M)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.M)
_MAKE = re.compile(r"\bmake((?: (?:-s )?[a-z][a-z-]*)+)")
_SUTAZAI = re.compile(r"(?<![\w./-])sutazai((?: +[^\s`;|&)]+)*)")
# A place that something is said about, not a file of the repository.
_PLACEHOLDER = re.compile(r"[<>*$~{}:]|NAME|FILE|STACK|the_name")
# What is made on a machine, and so is in no commit.
_MADE = {".venv", ".state"}


@cache
def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@cache
def prose(page: str) -> str:
    """Return the page without blocks of code."""
    return _INDENTED.sub("", _FENCE.sub("", text(page)))


@cache
def code(page: str) -> tuple[str, ...]:
    """List what the page shows as code: lines of blocks, and what is in backticks."""
    blocks = [line.strip() for block in _FENCE.findall(text(page)) for line in block.splitlines()[1:-1]]
    blocks += [line.strip() for line in _INDENTED.findall(text(page))]
    return (*blocks, *_CODE.findall(prose(page)))


def described(section: str, level: str = "##") -> str:
    """Return one section of the operations page."""
    page = text("docs/operations.md")
    start = page.index(f"{level} {section}\n")
    end = page.find(f"\n{level} ", start + 1)
    return page[start : end if end > 0 else len(page)]


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", text("Makefile"), re.M))


def calls(page: str) -> Iterator[tuple[str, list[str]]]:
    """List the calls of `sutazai` in a page's code, as words."""
    for line in code(page):
        for match in _SUTAZAI.finditer(line.partition(" # ")[0].partition("  #")[0]):
            yield line, match[1].split()


def subcommands(command: Any) -> dict[str, Any]:
    """List what is below a group of commands; a single command has nothing below it."""
    below: dict[str, Any] = getattr(command, "commands", {})
    return below


def resolved(words: list[str]) -> tuple[Any, list[str]]:
    """Follow words down the groups of commands; return the command and the words that are left."""
    command, left = typer.main.get_command(app), list(words)
    while left and left[0] in subcommands(command):
        command = subcommands(command)[left.pop(0)]
    return command, left


def is_path(word: str) -> bool:
    if _PLACEHOLDER.search(word) or " " in word or word.startswith(("/", "-", "http")):
        return False
    return word.endswith("/") or bool(re.search(r"\.(py|md|ya?ml|toml|svg|json|lock)$", word))


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_is_named_exists(page: str) -> None:
    named = {
        word
        for line in code(page)
        for match in _MAKE.finditer(line.partition("  #")[0])
        for word in match[1].split()
        if word != "-s"
    }
    assert named <= make_targets()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_something(page: str) -> None:
    for target in _LINK.findall(prose(page)):
        if target.startswith(("http://", "https://")):
            continue
        name, _, fragment = target.partition("#")
        path = (ROOT / page).parent / name if name else ROOT / page
        assert path.exists(), target
        if fragment:
            headings = _HEADING.findall(path.read_text(encoding="utf-8"))
            assert fragment in {anchor(heading) for heading in headings}, target


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_sutazai_that_is_named_exists_with_its_options(page: str) -> None:
    for line, words in calls(page):
        command, left = resolved(words)
        assert not subcommands(command) or not left or left[0].startswith("-"), line
        known = {option for parameter in command.params for option in parameter.opts}
        unknown = {word.partition("=")[0] for word in left if re.fullmatch(r"-{1,2}[a-z][\w-]*(=.*)?", word)}
        assert unknown <= known, line


@pytest.mark.parametrize("page", PAGES)
def test_every_path_of_the_repository_that_is_named_exists(page: str) -> None:
    here = (ROOT / page).parent
    for word in _CODE.findall(prose(page)):
        if is_path(word) and word.partition("/")[0] not in _MADE:
            assert (
                (ROOT / word).exists() or (here / word).exists() or any(here.glob(f"*/{word}")) or _elsewhere(word)
            ), word


def _elsewhere(word: str) -> bool:
    """A file that is named without its folder, since the text is about that kind of file."""
    return "/" not in word.rstrip("/") and (word in _NOT_OURS or any(ROOT.glob(f"*/**/{word}")))


_NOT_OURS = {"daemon.json", "plan.json", "state.json"}


def test_every_setting_is_described_in_operations() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|", described("Settings"), re.M)
    assert rows == list(Settings.model_fields)


@pytest.mark.parametrize("model", [ServiceOverride, ServiceSelection, TierOverride, Tls])
def test_every_key_below_a_setting_is_described_in_operations(
    model: type[ServiceOverride | ServiceSelection | TierOverride | Tls],
) -> None:
    named = set(_CODE.findall(described("Settings")))
    assert set(model.model_fields) <= named


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_that_is_named_with_its_namespace_exists(page: str) -> None:
    named = re.findall(rf"{PREFIX}([a-z_]+)", text(page))
    assert set(named) <= set(Settings.model_fields)


@pytest.mark.parametrize("page", OWN_PAGES)
def test_every_setting_that_is_shown_with_a_value_exists(page: str) -> None:
    shown = {m[1] for word in _CODE.findall(prose(page)) if (m := re.fullmatch(r"([a-z]+_?[a-z_]*): \S.*", word))}
    assert shown <= {*Settings.model_fields, *_KEYS_OF_SERVICES}


# Shown with a value, and no settings: keys of the catalogue, beginnings of messages.
_KEYS_OF_SERVICES = {"memory", "configs", "engine", "sutazai"}


def test_every_decision_is_listed_once_and_in_order() -> None:
    records = sorted(path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", text("docs/decisions/README.md")) == records
    numbers = [int(name[:4]) for name in records]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("record", sorted(path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md")))
def test_every_decision_has_context_decision_and_consequences(record: str) -> None:
    sections = re.findall(r"^## (.+)$", text(f"docs/decisions/{record}"), re.M)
    assert [name for name in sections if name != "Considered"] == ["Context", "Decision", "Consequences"]
