"""security-profiles: seccomp, AppArmor, SELinux and the masked paths stay as Docker sets them up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Annotated, Any

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts, Service
from sutazai_policy.parts import problems, readable, shown, shown_texts
from sutazai_policy.reading import Reading
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.security_opts import option_of

__all__ = ["RULE"]

# Options that turn a protection off; Docker reads a bare "disable" as SELinux's.
_OFF = {
    ("seccomp", "unconfined"): "seccomp",
    ("apparmor", "unconfined"): "AppArmor",
    ("label", "disable"): "SELinux",
    ("disable", ""): "SELinux",
    ("systempaths", "unconfined"): "the masks of /proc and /sys",
}
_DEFAULTS = {"seccomp=builtin", "apparmor=docker-default"}
_PROFILES = ("seccomp", "apparmor", "label")
_FALSE = ("0", "f", "false")
_ANOTHER_RULES = "no-new-privileges"
_CONTEXT = ("user", "role", "type", "level")


class SecurityProfilesSettings(ExceptableSettings):
    """Which profiles beside Docker's own may be used."""

    allowed: Annotated[
        Sequence[str],
        Field(
            default_factory=tuple,
            description="Options that name a profile of one's own, such as apparmor=shop or label=type:shop_t."
            " Default: none.",
        ),
    ]


def check(facts: Facts, settings: SecurityProfilesSettings) -> Iterator[Violation]:
    """Judge every workload, also one that is stopped: it may be started."""
    allowed = _DEFAULTS | {"=".join(option_of(text)) for text in settings.allowed}
    for one in facts.containers:
        yield from (Violation(f"{one.name} {problem}", one.urn) for problem in _container(one, allowed))
    for service in facts.services:
        yield from (Violation(f"{service.name} {problem}", service.urn) for problem in _service(service, allowed))


def _container(one: Container, allowed: Set[str]) -> Iterator[str]:
    options = one.security_opts
    yield from (f"has a securityOpts that {problem}" for problem in problems(options))
    if any(option_of(text)[0] != _ANOTHER_RULES for text in readable(options)):
        for text, told in shown_texts(options):
            yield from _option(*option_of(text), told, allowed)


def _option(key: str, value: str, told: str, allowed: Set[str]) -> Iterator[str]:
    off = _OFF.get((key, value.casefold()))
    if off is not None:
        yield f"turns off {off} ({told}): remove that from its securityOpts"
    elif key == "writable-cgroups":
        if value.casefold() not in _FALSE:
            yield f"may write its cgroups, and so its limits ({told}): remove that from its securityOpts"
    elif key in _PROFILES:
        if f"{key}={value}" not in allowed:
            yield f"has a profile of its own ({told}): remove that from its securityOpts, or name it in allowed"
    elif key != _ANOTHER_RULES:
        yield f"has a security option that Docker doesn't know ({told}): remove it from its securityOpts"


def _service(one: Service, allowed: Set[str]) -> Iterator[str]:
    """Judge the one profile that the provider gives to Swarm."""
    found = one.spec.then(lambda spec: reading.nested(spec, "privileges")).then(
        lambda privileges: reading.nested(privileges, "seLinuxContext")
    )
    if found.problem is not None:
        yield f"has a seLinuxContext that {found.problem}"
        return
    disable = found.then(lambda context: reading.flag(context, "disable"))
    if disable.problem is not None:
        yield f"has a seLinuxContext.disable that {disable.problem}"
    elif disable.value:
        yield "turns off SELinux: remove disable from its seLinuxContext"
    for key in _CONTEXT:
        yield from _label(found, key, allowed)


def _label(found: Reading[Mapping[str, Any]], key: str, allowed: Set[str]) -> Iterator[str]:
    label = found.then(lambda context: reading.text(context, key))
    if label.problem is not None:
        yield f"has a seLinuxContext.{key} that {label.problem}"
    elif label.value is not None and f"label={key}:{label.value}" not in allowed:
        told = shown(label.value, secret=label.secret)
        yield (
            f"has an SELinux {key} of its own ({told}): remove it from its seLinuxContext,"
            f" or name it in allowed, as label={key}:NAME"
        )


RULE = Rule(
    name="security-profiles",
    description="A container has to keep the profiles that Docker confines it by, or others that are allowed.",
    category=Category.SECURITY,
    severity=Severity.HIGH,
    why=(
        "These profiles keep a container from system calls and files that no program of its kind needs, and most"
        " ways out of a container begin with. Turned off, only namespaces are left."
    ),
    source=(
        "CIS Docker Benchmark 5.2, 5.3, 5.22; KICS: Default Seccomp Profile Disabled, Security Opt Not Set;"
        " Docker's source: parseSecurityOpt"
    ),
    remediation=(
        "1. Remove the option; no-new-privileges:true may stay.\n"
        "2. If the program then fails, find the call that it misses in the kernel's log (dmesg, audit.log).\n"
        "3. Write a profile that adds just that to Docker's own, install it on the host, and name it in allowed."
    ),
    settings=SecurityProfilesSettings,
    check=check,
    alone=True,
)
