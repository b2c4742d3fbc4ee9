"""Judges a stack by the rules: reads the facts once, asks each rule, takes off what is excepted.

Whatever keeps a rule from judging is a violation of it, never a pass, and never another rule's loss.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sutazai_policy.engine import EngineError
from sutazai_policy.exceptions import ExceptableSettings, Excepted, longest
from sutazai_policy.facts import ExceptionUse, Facts, read_facts
from sutazai_policy.resource import Resource
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import HostSettings, Settings, SettingsError, resolve
from sutazai_policy.stacks_file import stack_settings
from sutazai_policy.survey import survey

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
    ) -> None:
        self._resources = tuple(resources)
        self._known = {rule.name: frozenset(rule.settings.model_fields) for rule in pack}
        self._given = given
        self._surroundings = surroundings
        self._exceptions: list[ExceptionUse] = []
        self._seen: dict[tuple[HostSettings, bool], Facts] = {}

    @cached_property
    def _facts(self) -> Facts:
        return read_facts(self._resources)

    def all_violations(self, rules: Iterable[Rule[Any]]) -> Iterator[tuple[Rule[Any], Violation]]:
        """Return what each rule finds; reports come last, since they tell what the others did."""
        for rule in sorted(rules, key=lambda rule: rule.category is Category.REPORT):
            for found in self.violations(rule):
                yield rule, found

    def violations(self, rule: Rule[Any]) -> list[Violation]:
        """Return a rule's violations, without those that are excepted today."""
        try:
            settings = self.settings(rule)
            found = list(rule.check(self._seen_by(rule, settings), settings))
            return self._without_excepted(rule, settings, found)
        except SettingsError as error:
            return [
                Violation(
                    f"the settings of {rule.name} can't be used: {error}"
                    " (they come from policy/stacks.yaml and --policy-pack-config)"
                )
            ]
        except EngineError as error:
            return [
                Violation(f"host: auto has to ask Docker: {error}: start it, set DOCKER_HOST, or declare the host")
            ]
        except Exception as error:  # a rule that fails must not let a stack through, nor keep others from judging
            return [
                Violation(
                    f"{rule.name} failed ({type(error).__name__}: {error}), so nothing is let through: report it"
                )
            ]

    def settings(self, rule: Rule[Any]) -> Settings:
        """Return a rule's settings for this stack; raises SettingsError."""
        layers = stack_settings(self._surroundings.stacks_file, self._facts.stack, rule.name, self._known)
        settings: Settings = resolve(rule.settings, *layers, self._given.get(rule.name, {}))
        return settings

    def _seen_by(self, rule: Rule[Any], settings: Any) -> Facts:
        facts = self._with_host(rule, settings)
        if rule.category is not Category.REPORT:
            return facts
        return replace(facts, exceptions=tuple(self._exceptions))

    def _with_host(self, rule: Rule[Any], settings: Any) -> Facts:
        if rule.sees is Sees.STACK:
            return self._facts
        occupants = rule.sees is Sees.OCCUPANTS
        key = (settings.host, occupants)
        if key not in self._seen:
            host = survey(settings.host, self._facts, self._surroundings.environ, occupants=occupants)
            self._seen[key] = replace(self._facts, host=host)
        return self._seen[key]

    def _without_excepted(self, rule: Rule[Any], settings: Settings, found: list[Violation]) -> list[Violation]:
        if not isinstance(settings, ExceptableSettings) or not settings.exceptions:
            return found
        today = self._surroundings.today
        valid = [one for one in settings.exceptions if today <= one.expires <= longest(today)]
        names = {resource.urn: resource.name for resource in self._resources}
        named = [(one, names.get(one.urn or "", "")) for one in found]
        self._exceptions += [
            ExceptionUse(
                rule.name, given.service, given.reason, given.expires, any(given.covers(name) for _, name in named)
            )
            for given in valid
        ]
        kept = [one for one, name in named if not any(given.covers(name) for given in valid)]
        return kept + [
            Violation(_refused(rule.name, one, today)) for one in settings.exceptions if one not in valid
        ]


def _refused(rule: str, one: Excepted, today: date) -> str:
    about = f"the exception of {one.service} from {rule} ({one.reason})"
    if one.expires < today:
        return f"{about} expired on {one.expires}: mend the service and remove it, or decide anew"
    return f"{about} lasts until {one.expires}: give a day up to {longest(today)}"
