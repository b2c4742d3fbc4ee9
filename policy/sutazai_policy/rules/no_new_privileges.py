"""no-new-privileges: a container's processes gain no privileges by running a program."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts
from sutazai_policy.messages import names
from sutazai_policy.parts import problems, readable, shown_texts
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.security_opts import option_of

__all__ = ["RULE"]

_OPTION = "no-new-privileges"
_SPELLINGS = (_OPTION, f"{_OPTION}:true", f"{_OPTION}=true")


class NoNewPrivilegesSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: NoNewPrivilegesSettings) -> Iterator[Violation]:
    """Judge containers; a Swarm service can't be told (the provider has no property for it)."""
    for one in facts.containers:
        for problem in _problems(one):
            yield Violation(f"{one.name} {problem}", one.urn)


def _problems(one: Container) -> Iterator[str]:
    options = one.security_opts
    odd = list(problems(options))
    yield from (f"has a securityOpts that {problem}" for problem in odd)
    found = [text for text in readable(options) if option_of(text)[0] == _OPTION]
    if any(text not in _SPELLINGS for text in found):
        wrong = [told for text, told in shown_texts(options) if text in found and text not in _SPELLINGS]
        yield f"has {names(wrong)} among its securityOpts: write {_OPTION}:true, and nothing else of it"
    elif not found and not odd:
        yield f"may gain root's privileges from a setuid program: add {_OPTION}:true to its securityOpts"


RULE = Rule(
    name="no-new-privileges",
    description="A container's processes have to be kept from gaining privileges (no-new-privileges).",
    category=Category.SECURITY,
    severity=Severity.HIGH,
    why=(
        "A setuid program such as su makes its caller root, whatever user the container was started as, if the"
        " kernel isn't told to ignore that bit. It costs nothing: hardly a server needs such a program."
    ),
    source="CIS Docker Benchmark 5.26; KICS: No New Privileges Not Set",
    remediation=(
        "1. Add no-new-privileges:true to securityOpts.\n"
        "2. If the program then fails, it starts another one by sudo or su: start that as the right user instead."
    ),
    settings=NoNewPrivilegesSettings,
    check=check,
    alone=True,
)
