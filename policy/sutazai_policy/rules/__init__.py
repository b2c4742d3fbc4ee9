"""The pack's rules: one a file, each as `RULE`. A new file is a new rule; a metadata test holds it to the form."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from sutazai_policy.rule import Rule

__all__ = ["all_rules"]


def all_rules() -> tuple[Rule[Any], ...]:
    """Return every rule, by name."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    rules: list[Rule[Any]] = [import_module(f"{__name__}.{name}").RULE for name in names]
    return tuple(sorted(rules, key=lambda rule: rule.name))
