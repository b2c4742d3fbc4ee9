"""Puts rules and Pulumi together: reads the facts, asks the rule, reports what it finds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pulumi_policy import Policy, ReportViolation, StackValidationArgs, StackValidationPolicy

from sutazai_policy.engine import EngineError
from sutazai_policy.facts import Facts, Resource, read_facts
from sutazai_policy.rule import Rule, Sees, Violation
from sutazai_policy.rules import RULES
from sutazai_policy.schema import config_schema
from sutazai_policy.settings import Settings, SettingsError, resolve
from sutazai_policy.stacks_file import stack_settings
from sutazai_policy.survey import survey

__all__ = ["Surroundings", "judge", "policies"]

_KNOWN = {rule.name: frozenset(rule.settings.model_fields) for rule in RULES}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the pack looks at beside the stack: the operator's file, and the engine that `environ` names."""

    stacks_file: Path | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)


def policies(stacks_file: Path | None = None) -> list[Policy]:
    """Return every rule as a Pulumi policy."""
    surroundings = Surroundings(stacks_file)
    return [_policy(rule, surroundings) for rule in RULES]


def judge(
    rule: Rule[Any], resources: Iterable[Resource], given: Mapping[str, Any], surroundings: Surroundings
) -> list[Violation]:
    """Return a rule's violations; whatever keeps it from judging is a violation too, never a pass."""
    try:
        facts = read_facts(resources)
        settings = _settings(rule, facts.stack, given, surroundings)
        return rule.check(_with_host(rule, facts, settings, surroundings), settings)
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
    except Exception as error:  # a rule that fails must not let a stack through, nor keep other rules from judging
        return [
            Violation(
                f"{rule.name} failed ({type(error).__name__}: {error}), so nothing is let through: report it"
            )
        ]


def _settings(
    rule: Rule[Any], stack: str | None, given: Mapping[str, Any], surroundings: Surroundings
) -> Settings:
    shared, own = stack_settings(surroundings.stacks_file, stack, rule.name, _KNOWN)
    settings: Settings = resolve(rule.settings, shared, own, given)
    return settings


def _with_host(rule: Rule[Any], facts: Facts, settings: Any, surroundings: Surroundings) -> Facts:
    if rule.sees is Sees.STACK:
        return facts
    host = survey(settings.host, facts, surroundings.environ, occupants=rule.sees is Sees.OCCUPANTS)
    return replace(facts, host=host)


def _policy(rule: Rule[Any], surroundings: Surroundings) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for violation in judge(rule, args.resources, args.get_config(), surroundings):
            report(violation.message, violation.urn)

    return StackValidationPolicy(
        name=rule.name,
        description=rule.description,
        validate=validate,
        enforcement_level=rule.level,
        config_schema=config_schema(rule.settings),
        severity=rule.severity,
        remediation_steps=rule.remediation,
    )
