"""The texts that `docker inspect` shows of a workload: its variables, its commands, its labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sutazai_policy import reading
from sutazai_policy.facts import Container, Service, Workload
from sutazai_policy.parts import EnvVar, problems
from sutazai_policy.reading import Reading

__all__ = ["Inspected", "inspected", "plain_env", "plain_text"]

_Texts = Reading[tuple[Reading[str], ...]]
_NO_VALUE = "-"  # stands for a word of a command that can't be read: it is no option's value


@dataclass(frozen=True, slots=True)
class Inspected:
    """A text and where it is, such as "env variable"; or why there is none, or that it is a secret of Pulumi's."""

    where: str
    text: str = ""
    name: str | None = None
    problem: str | None = None
    secret: bool = False
    is_variable: bool = False


def inspected(one: Workload) -> Iterator[Inspected]:
    """Return a workload's texts, each by itself but for a command, whose words belong together."""
    yield from _variables(one.env)
    yield from _command(one.command, "command")
    yield from _command(one.health_test, "health test")
    yield from _labels(reading.pairs(one.properties, "labels"))
    if isinstance(one, Service):
        yield from _labels(one.spec.then(lambda found: reading.pairs(found, "labels")))


def plain_env(one: Workload) -> str | None:
    """Return a container's variables as one text, or None where there is more to tell than that.

    Thousands of containers have nothing to hide, and one text is read in a tenth of the time that they take.
    What isn't plain is left to those who read it one by one.
    """
    return _joined(one, lambda properties: _listed(properties.get("envs")))


def plain_text(one: Workload) -> str | None:
    """Return all of a container's texts as one, or None where there is more to tell than that."""
    return _joined(one, _texts)


def _joined(one: Workload, texts: Callable[[Mapping[str, Any]], list[Any]]) -> str | None:
    try:
        return "\n".join(texts(one.properties)) if isinstance(one, Container) else None
    except (AttributeError, KeyError, TypeError):
        return None


def _texts(properties: Mapping[str, Any]) -> list[Any]:
    found = [text for key in ("envs", "entrypoints", "command") for text in _listed(properties.get(key))]
    health, labels = properties.get("healthcheck"), _listed(properties.get("labels"))
    found += _listed(health.get("tests")) if health is not None else []
    found += [label["label"] for label in labels]
    found += [label["value"] for label in labels]
    return found


def _listed(given: Any) -> list[Any]:
    if given is not None and not isinstance(given, list):
        raise TypeError
    return given or []


def _variables(env: Reading[tuple[Reading[EnvVar], ...]]) -> Iterator[Inspected]:
    where = "env variable"
    yield from (Inspected(where, problem=problem) for problem in problems(env))
    for given in env.value or ():
        if (found := given.value) is not None:
            yield _of(where, found.name, found.value, secret=found.secret, is_variable=True)


def _command(command: _Texts, where: str) -> Iterator[Inspected]:
    yield from (Inspected(where, problem=problem) for problem in problems(command))
    words = command.value or ()
    if any(word.secret for word in words):
        yield Inspected(where, secret=True)
    plain = (_NO_VALUE if word.secret else word.value or _NO_VALUE for word in words)
    yield Inspected(where, "\n".join(plain))


def _labels(labels: Reading[tuple[Reading[Mapping[str, Any]], ...]]) -> Iterator[Inspected]:
    where = "label"
    yield from (Inspected(where, problem=problem) for problem in problems(labels))
    for given in labels.value or ():
        if given.value is not None:
            name, value = reading.text(given.value, "label"), reading.text(given.value, "value")
            if name.problem is not None:
                yield Inspected(where, problem=name.problem)
            yield _of(where, name.value or "", value, secret=name.secret or value.secret)


def _of(where: str, name: str, value: Reading[str], *, secret: bool, is_variable: bool = False) -> Inspected:
    return Inspected(where, value.value or "", name, value.problem, secret=secret, is_variable=is_variable)
