"""env-secrets: no secret is where everybody who may inspect a container reads it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts
from sutazai_policy.inspected import Inspected, inspected, plain_text
from sutazai_policy.parts import shown
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.secret_names import is_place, is_secret, names_place, says_secret
from sutazai_policy.secret_shapes import may_hold, secret_kinds, secret_options

__all__ = ["RULE"]

_WAY_OUT = "put it into a file, and give the program the file's path"


class EnvSecretsSettings(ExceptableSettings):
    """Names that say secret and hold none."""

    allowed: Annotated[
        Sequence[str],
        Field(description="Names of variables, options and labels that hold no secret. Default: none."),
    ] = ()


def check(facts: Facts, settings: EnvSecretsSettings) -> Iterator[Violation]:
    """Judge what `docker inspect` shows of a workload: variables, commands, labels."""
    allowed = frozenset(settings.allowed)
    for one in facts.workloads:
        text = plain_text(one)
        if text is not None and not may_hold(text):
            continue
        # Two secrets of Pulumi's are told in the same words, and once is enough.
        found = dict.fromkeys(found for part in inspected(one) for found in _found(part, allowed))
        yield from (Violation(f"{one.name} has {problem}", one.urn) for problem in found)


def _found(part: Inspected, allowed: Collection[str]) -> Iterator[str]:
    if part.secret:
        yield f"a Pulumi secret as {_a(part.where)}, where Docker shows it: {_WAY_OUT}"
    elif part.problem is not None:
        yield f"{_a(part.where)} that {part.problem}"
    elif part.name is None:
        yield from (
            f"{kind} in its {part.where}: {_WAY_OUT}" for kind in _kinds(part.text, allowed, in_shell=True)
        )
    elif part.text and part.name not in allowed:
        yield from (f"{kind}: {_WAY_OUT}" for kind in _named(part, part.name, allowed))


def _a(where: str) -> str:
    return f"{'an' if where.startswith('e') else 'a'} {where}"


def _named(part: Inspected, name: str, allowed: Collection[str]) -> Iterator[str]:
    says = says_secret(name) if part.is_variable else is_secret(name)
    if says and not (names_place(name) and is_place(part.text)):
        yield f"a value for the {part.where} {shown(name)}"
        return
    yield from (f"{kind} in its {part.where} {shown(name)}" for kind in _kinds(part.text, allowed, in_shell=False))


def _kinds(text: str, allowed: Collection[str], *, in_shell: bool) -> Iterator[str]:
    if not may_hold(text):
        return
    yield from secret_kinds(text, in_shell=in_shell)
    yield from (f"a value for {name}" for name in secret_options(text, in_shell=in_shell) if name not in allowed)


RULE = Rule(
    name="env-secrets",
    description="A secret has to be kept out of env, commands and labels.",
    category=Category.SECURITY,
    severity=Severity.HIGH,
    why=(
        "Docker shows variables, commands and labels to whoever may inspect a container, hands variables to every"
        " process in it, and keeps them in plain on its disk; a value that Pulumi keeps secret is no exception."
    ),
    source="CIS Docker Benchmark 4.10; KICS: Passwords And Secrets",
    remediation=(
        "1. Put the secret into a file: uploads copies one into a container, and Swarm has secrets.\n"
        "2. Give the program the file's path, as in POSTGRES_PASSWORD_FILE.\n"
        "3. Change the secret: it was in the stack's state.\n"
        "4. A name that only sounds like a secret can be named in allowed."
    ),
    settings=EnvSecretsSettings,
    check=check,
    alone=True,
)
