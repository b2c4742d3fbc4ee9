"""Judges a stack by the rules: reads the facts once, asks each rule, takes off what is excepted.

Whatever keeps a rule from judging is a violation of it, never a pass, and never another rule's loss.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sutazai_policy.engine import EngineError
from sutazai_policy.excepting import Excepting
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts, read_facts
from sutazai_policy.host import Host
from sutazai_policy.looked import Looked
from sutazai_policy.resource import Resource
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import Settings, SettingsError, resolve
from sutazai_policy.stacks_file import SettingNames, read_stacks, stack_settings
from sutazai_policy.survey import Survey

__all__ = ["Judge", "Surroundings"]


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the pack looks at beside the stack: the operator's file, the engine that `environ` names, the day."""

    stacks_file: Path | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    today: date = field(default_factory=_today)


class Judge:
    """Judges one stack by rules of a pack; `given` holds the settings of `--policy-pack-config`, by rule."""

    def __init__(
        self,
        resources: Iterable[Resource],
        pack: Iterable[Rule[Any]],
        given: Mapping[str, Mapping[str, Any]],
        surroundings: Surroundings,
        looked: Looked | None = None,
    ) -> None:
        self._resources = tuple(resources)
        self._pack = tuple(pack)
        self._given = given
        self._surroundings = surroundings
        self._looked = Looked() if looked is None else looked
        names = {resource.urn: resource.name for resource in self._resources}
        self._excepting = Excepting(surroundings.today, names)
        self._seen: dict[Host, Facts] = {}

    @cached_property
    def _facts(self) -> Facts:
        return read_facts(self._resources)

    @cached_property
    def _survey(self) -> Survey:
        return Survey(self._facts, self._surroundings.environ, self._looked)

    def all_violations(self, rules: Iterable[Rule[Any]]) -> Iterator[tuple[Rule[Any], Violation]]:
        """Return what each rule finds; reports come last, since they tell what the others did."""
        for rule in sorted(rules, key=lambda rule: rule.category is Category.REPORT):
            for found in self.violations(rule):
                yield rule, found

    def violations(self, rule: Rule[Any]) -> list[Violation]:
        """Return a rule's violations, without those that are excepted today."""
        try:
            settings = self.settings(rule)
        except Exception as error:  # as below
            return [_failure(rule, error)]
        found = list(self._checked(rule, settings))
        if not isinstance(settings, ExceptableSettings):
            return found
        return self._excepting.without_excepted(rule.name, settings.exceptions, found)

    def _checked(self, rule: Rule[Any], settings: Any) -> Iterator[Violation]:
        try:
            yield from rule.check(self._seen_by(rule, settings), settings)
        except Exception as error:  # a rule that fails must not let a stack through, nor keep others from judging
            yield _failure(rule, error)

    def settings(self, rule: Rule[Any]) -> Settings:
        """Return a rule's settings for this stack; raises SettingsError."""
        stack = self._facts.stack
        settings: Settings = self._looked.once((rule.name, stack), lambda: self._settings(rule, stack))
        return settings

    def _settings(self, rule: Rule[Any], stack: str | None) -> Any:
        stacks = self._looked.once("file", lambda: read_stacks(self._surroundings.stacks_file))
        names = self._looked.once("names", lambda: SettingNames.of(self._pack))
        layers = stack_settings(stacks, stack, rule.name, names)
        return resolve(rule.settings, *layers, self._given.get(rule.name, {}))

    def _seen_by(self, rule: Rule[Any], settings: Any) -> Facts:
        facts = self._with_host(rule, settings)
        if rule.category is not Category.REPORT:
            return facts
        return replace(facts, exceptions=tuple(self._excepting.used))

    def _with_host(self, rule: Rule[Any], settings: Any) -> Facts:
        if rule.sees is Sees.STACK:
            return self._facts
        host = self._survey.host(settings.host, rule.sees)
        if host not in self._seen:
            self._seen[host] = replace(self._facts, host=host)
        return self._seen[host]


def _failure(rule: Rule[Any], error: Exception) -> Violation:
    if isinstance(error, SettingsError):
        return Violation(
            f"the settings of {rule.name} can't be used: {error}"
            " (they come from policy/stacks.yaml and --policy-pack-config)"
        )
    if isinstance(error, EngineError):
        return Violation(f"host: auto has to ask Docker: {error}: start it, set DOCKER_HOST, or declare the host")
    # Where it failed, and not the error's own text, which may quote a secret.
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return Violation(
        f"{rule.name} failed ({type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}),"
        " so nothing is let through: report it"
    )
