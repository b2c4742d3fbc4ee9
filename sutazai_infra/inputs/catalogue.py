"""Read the catalogue: a folder of annotated YAML files becomes one validated `Catalogue`.

All problems of all files are reported at once, each led by its file and the path of the key. Deliberately no
defaults of its own, no environment and no stack settings: the same folder always gives the same catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sutazai_infra.inputs.agentfolder import agent_folder_problem
from sutazai_infra.inputs.files import AgentEntry, FileKind, Section, catalogue_files
from sutazai_infra.inputs.yamlfile import read_mapping
from sutazai_infra.model.base import Frozen
from sutazai_infra.model.catalogue import Catalogue, Image
from sutazai_infra.model.errors import ConfigError
from sutazai_infra.model.service import Kind, Service

__all__ = ["load_catalogue"]

_ENTRY = re.compile(r"(\w+/[\w-]+)")
_AGENT_IMAGE = {
    "user": "10001:10001",
    "built_user": "10001:10001",
    "probe_client": "busybox",
    "built_probe_client": "busybox",
}
_AGENT_COMMAND = ("python3", "-m", "uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8080")  # noqa: S104
M = TypeVar("M", bound=Frozen)


def load_catalogue(folder: Path) -> Catalogue:
    """Read all files of `folder`; raises `ConfigError` that names file and key of every problem."""
    reading = _Reading(folder.name, folder.parent)
    reading.refuse_strays(folder)
    for path, kind in catalogue_files(folder):
        reading.read(path, f"{folder.name}/{path.relative_to(folder).as_posix()}", kind)
    if reading.problems:
        raise ConfigError("", reading.problems)
    return reading.catalogue()


@dataclass
class _Reading:
    """What has been read so far, and what was wrong with it."""

    name: str
    root: Path
    problems: list[str] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    wholes: dict[str, Frozen] = field(default_factory=dict)

    def refuse_strays(self, folder: Path) -> None:
        expected = {path for path, _ in catalogue_files(folder)}
        for path in sorted({*folder.rglob("*.yaml"), *folder.rglob("*.yml")} - expected):
            shown = f"{self.name}/{path.relative_to(folder).as_posix()}"
            self.problems.append(f"{shown}: is read by nobody; services go into {self.name}/services/NAME.yaml")

    def read(self, path: Path, shown: str, kind: FileKind) -> None:
        try:
            content = read_mapping(path, shown, kind.sections)
        except ConfigError as error:
            self.problems.extend(str(error).splitlines())
            return
        for title, section in kind.sections.items():
            self._section(shown, title, section, content.get(title))
        if "agents" in kind.sections:
            self._expand_agents(shown, content.get("template"))

    def catalogue(self) -> Catalogue:
        values: dict[str, Any] = {
            title: tuple(self.entries.get(title, {}).values())
            for title in ("tiers", "groups", "pools", "links", "volumes", "services")
        }
        maps = {title: self.entries.get(title, {}) for title in ("images", "secrets")}
        try:
            return Catalogue.parsed("", {**values, **maps, **self.wholes})
        except ConfigError as error:
            raise ConfigError("", map(self._located, error.problems)) from None

    def _section(self, shown: str, title: str, section: Section, content: Any) -> None:
        if content is None:
            return
        if section.single:
            self._whole(shown, title, section, content)
            return
        if not isinstance(content, dict):
            self.problems.append(f"{shown}: {title}: must be entries by name, not {content!r}")
            return
        for name, body in content.items():
            if self._is_first(shown, f"{title}/{name}"):
                self._entry(shown, title, section, name, body)

    def _whole(self, shown: str, title: str, section: Section, content: Any) -> None:
        """Read a section that is one value; the agents' template isn't, before each agent has filled it."""
        if section.filled or not self._is_mapping(shown, title, section, content):
            return
        self.origins.update((f"{title}/{key}", shown) for key in content)
        for value in self._parsed(section.model, shown, title, content):
            self.wholes[title] = value

    def _entry(self, shown: str, title: str, section: Section, name: Any, body: Any) -> None:
        target = self.entries.setdefault(title, {})
        path = f"{title}/{name}"
        if self._is_mapping(shown, path, section, body):
            filled = {} if section.key is None else {section.key: name}
            target.update(
                (name, value) for value in self._parsed(section.model, shown, path, {**(body or {}), **filled})
            )

    def _expand_agents(self, shown: str, template: Any) -> None:
        agents: dict[str, AgentEntry] = self.entries.pop("agents", {})
        services = self.entries.setdefault("services", {})
        for name, entry in agents.items():
            path = f"services/{name}"
            if not self._is_first(shown, path):
                continue
            found = list(self._parsed(Service, shown, "template", _agent(name, entry, template)))
            if not found:
                return
            services[name] = found[0]
            self._image_of(shown, name, entry)

    def _image_of(self, shown: str, name: str, entry: AgentEntry) -> None:
        """Declare the image of an agent that brings its own code."""
        if entry.app is None or entry.image is None:
            return
        if problem := agent_folder_problem(self.root, entry.app):
            self.problems.append(f"{shown}: agents/{name}/app: {problem}")
        image = Image.parsed(
            shown, {**_AGENT_IMAGE, "upstream": f"sutazai/{entry.image}:0.1.0", "built": entry.image}
        )
        self.entries.setdefault("images", {})[entry.image] = image

    def _parsed(self, model: type[M], shown: str, path: str, value: dict[str, Any]) -> Iterator[M]:
        try:
            yield model.parsed(shown, value)
        except ConfigError as error:
            self.problems.extend(f"{shown}: {path}/{problem}" for problem in error.problems)

    def _is_mapping(self, shown: str, path: str, section: Section, body: Any) -> bool:
        if body is not None and not isinstance(body, dict):
            self.problems.append(f"{shown}: {path}: must be a mapping, not {body!r}")
            return False
        own = sorted(section.given & set(body or {}))
        self.problems.extend(f"{shown}: {path}/{key}: follows from the entry's name; leave it out" for key in own)
        return not own

    def _is_first(self, shown: str, path: str) -> bool:
        first = self.origins.get(path)
        if first is not None:
            self.problems.append(f"{shown}: {path}: declared twice, first in {first}")
            return False
        self.origins[path] = shown
        return True

    def _located(self, problem: str) -> str:
        entry = _ENTRY.match(problem)
        return f"{self.origins.get(entry[1], self.name) if entry else self.name}: {problem}"


def _agent(name: str, entry: AgentEntry, template: Any) -> dict[str, Any]:
    body = dict(template) if isinstance(template, dict) else {}
    ports = body.get("ports", ())
    if isinstance(ports, list):
        ports = [{**port, "host": entry.host_port} if isinstance(port, dict) else port for port in ports]
    priority = {} if entry.priority is None else {"priority": entry.priority}
    identity = {"type": entry.type, "role": entry.role}
    own = {} if entry.image is None else {"image": entry.image, "command": list(_AGENT_COMMAND)}
    return {**body, **priority, **own, "name": name, "kind": Kind.AGENT, "agent": identity, "ports": ports}
