"""The base of every declared value: frozen, closed to unknown keys, and loud about bad ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Any, Self, get_args

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from sutazai_infra.model.errors import ConfigError

__all__ = ["Frozen", "Verbatim"]

# Whatever a program reads: in a command, a file or a password a space at either end is as good as any other sign.
Verbatim = Annotated[str, StringConstraints(strip_whitespace=False)]

# What pydantic calls a mapping names a class of ours, which tells nobody what to write.
_INSTANCE = re.compile(r"a valid dictionary or instance of \w+")
_UNION_TAG = re.compile(r"str|int|float|bool|constrained-\w+|.*\[.*|([A-Z][a-z]+){2,}")


class Frozen(BaseModel):
    """A value: immutable, without unknown keys; a bad one is refused with the path of the offending key."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)

    @classmethod
    def parsed(cls, source: str, value: object) -> Self:
        """Validate `value`; raises `ConfigError` that names `source` and the path of each offending key."""
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            problems = (line for e in _relevant(error.errors()) for line in _problem(cls, e).splitlines())
            raise ConfigError(source, problems) from None


def _relevant(errors: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Of a choice between forms, tell what is wrong within the form that was given, not that it is no other."""
    for error in errors:
        *choice, form = error["loc"] or ("",)
        rivals = [e for e in errors if e is not error and list(e["loc"][: len(choice)]) == choice]
        inner = any(len(e["loc"]) > len(choice) + 1 for e in rivals)
        outdone = error["type"] == "literal_error" and any(e["type"] != "literal_error" for e in rivals)
        if not (_is_union_tag(form) and (inner or outdone)):
            yield error


def _problem(model: type[BaseModel], error: ErrorDetails) -> str:
    path = "/".join(str(part) for part in error["loc"] if not _is_union_tag(part))
    if error["type"] == "extra_forbidden":
        return f"{path}: unknown key{_suggestion(model, error['loc'])}"
    message = error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    message = _INSTANCE.sub("keys with values, each on a line of its own (`key: value`)", message)
    if error["type"] in {"value_error", "missing"} or not isinstance(error["input"], str | int | float):
        return f"{path}: {message}" if path else message
    return f"{path}: {message}, not {error['input']!r}"


def _is_union_tag(part: int | str) -> bool:
    """Pydantic puts union members, such as `literal['all']` or `HostSpec`, into paths, beside the keys."""
    return isinstance(part, str) and _UNION_TAG.fullmatch(part) is not None


def _suggestion(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    parent = _model_at(model, location[:-1])
    if parent is None:
        return ""
    names = sorted(parent.model_fields)
    close = get_close_matches(str(location[-1]), names, n=1)
    return f" (did you mean {close[0]!r}?)" if close else f"; known keys: {', '.join(names)}"


def _model_at(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel] | None:
    current: type[BaseModel] | None = model
    for part in location:
        if current is None:
            return None
        field = current.model_fields.get(str(part))
        if field is None:
            continue
        current = next(_models_in(field.annotation), None)
    return current


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
