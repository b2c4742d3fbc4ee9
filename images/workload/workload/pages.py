"""The page as text: everything that came from outside is escaped on its way in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from workload.errors import Invalid

__all__ = ["SCRIPT", "STYLE", "State", "location", "page", "state", "task_of"]

_ASSETS = Path(__file__).with_name("assets")
STYLE = (_ASSETS / "style.css").read_text()
SCRIPT = (_ASSETS / "refresh.js").read_text()
_PAGE = (_ASSETS / "page.html").read_text()
_KINDS = {"echo": "Echo a text", "wordcount": "Count words", "hash": "Hash a text", "sum": "Add numbers"}
_SHOWN = 120


@dataclass(frozen=True)
class State:
    """What the backend says; or, in `error`, why it says nothing."""

    agents: Sequence[Mapping[str, Any]] = ()
    queues: Sequence[Mapping[str, Any]] = ()
    tasks: Sequence[Mapping[str, Any]] = ()
    limit: int = 0
    error: str = ""


def page(shown: State, posted: str | None = None, error: str | None = None) -> str:
    """Write the whole page."""
    types = sorted({str(agent["type"]) for agent in shown.agents})
    return _PAGE.format(
        notice=_notice(posted, error),
        types="".join(f'<option value="{escape(name)}">' for name in types),
        first_type=escape(types[0]) if types else "",
        kinds="".join(f'<option value="{kind}">{label}</option>' for kind, label in _KINDS.items()),
        state=state(shown),
    )


def state(shown: State) -> str:
    """Write the part that is refreshed."""
    if shown.error:
        return f'<p class="notice bad">The backend can\'t be reached: {escape(shown.error)}</p>'
    return _summary(shown) + _agents(shown.agents) + _queues(shown) + _tasks(shown.tasks)


def location(query: Mapping[str, str]) -> str:
    """Name the page that tells how a form's task went."""
    return f"/?{urlencode(query)}"


def task_of(form: Mapping[str, str]) -> dict[str, Any]:
    """Make a task of what was typed into the form; raises `Invalid`."""
    kind, text = form.get("kind", ""), form.get("text", "")
    payload: dict[str, Any] = {"kind": kind, "text": text}
    if kind == "sum":
        payload = {"kind": kind, "numbers": _numbers(text)}
    return {"type": form.get("type", "").strip(), "payload": payload}


def _numbers(text: str) -> list[float]:
    numbers: list[float] = []
    for word in text.replace(",", " ").split():
        try:
            numbers.append(int(word) if word.lstrip("+-").isdigit() else float(word))
        except ValueError:
            raise Invalid(f"{word!r} is no number: write numbers with spaces between them") from None
    return numbers


def _notice(posted: str | None, error: str | None) -> str:
    if error:
        return f'<p class="notice bad" role="alert">Not posted: {escape(error)}</p>'
    if posted:
        return f'<p class="notice good" role="status">Posted as <code>{escape(posted)}</code></p>'
    return ""


def _summary(shown: State) -> str:
    alive = sum(bool(agent["alive"]) for agent in shown.agents)
    figures = [("agents alive", f"{alive} of {len(shown.agents)}")]
    figures += [
        (status, str(sum(queue[status] for queue in shown.queues)))
        for status in ("queued", "running", "done", "failed")
    ]
    items = "".join(f"<div><dt>{label}</dt><dd>{value}</dd></div>" for label, value in figures)
    return f'<dl class="figures">{items}</dl>'


def _agents(agents: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            escape(agent["name"]),
            escape(agent["type"]),
            escape(agent["role"]),
            _badge("alive" if agent["alive"] else "silent"),
            escape(agent["last_heartbeat"][:19].replace("T", " ")),
        )
        for agent in agents
    ]
    return _table(
        "Agents", ("Name", "Type", "Role", "State", "Last heartbeat (UTC)"), rows, "No agent has registered yet."
    )


def _queues(shown: State) -> str:
    rows = [
        (
            escape(queue["type"]),
            f"{queue['queued']} of {shown.limit}",
            str(queue["running"]),
            str(queue["done"]),
            str(queue["failed"]),
        )
        for queue in shown.queues
    ]
    return _table("Queues", ("Type", "Queued", "Running", "Done", "Failed"), rows, "No task has been posted yet.")


def _tasks(tasks: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            f"<code>{escape(task['id'][:8])}</code>",
            escape(task["type"]),
            escape(str(task["payload"].get("kind", ""))),
            _badge(task["status"]),
            escape(task["agent"] or ""),
            "" if task["ran_seconds"] is None else f"{task['ran_seconds']:.2f} s",
            escape(_short(task["error"] or task["result"])),
        )
        for task in tasks
    ]
    return _table("Tasks", ("Id", "Type", "Kind", "Status", "Agent", "Ran", "Result"), rows, "Nothing here yet.")


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> str:
    if not rows:
        return f'<section><h2>{title}</h2><p class="empty">{empty}</p></section>'
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<section class="{title.lower()}"><h2>{title}</h2><div class="scroll">{table}</div></section>'


def _badge(word: str) -> str:
    return f'<span class="badge {escape(word)}">{escape(word)}</span>'


def _short(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
