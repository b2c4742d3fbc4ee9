"""Look at an agent's folder before anything is built from it: it needs a module `app` that binds `app`.

By reading alone: nothing of the folder is run. Deliberately not checked: whether `app` is an ASGI application,
which only a start can tell.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["agent_folder_problem"]

_MODULES = ("app.py", "app/__init__.py")


def agent_folder_problem(root: Path, folder: str) -> str | None:
    """Say what keeps `folder`, below the project's `root`, from being an agent, and the way out."""
    path = root / folder
    if not path.is_dir():
        return f"{folder}: no such folder; put the agent's files there, its module app.py among them"
    links = sorted(p for p in (path, *path.rglob("*")) if p.is_symlink())
    if links:
        return f"{links[0].relative_to(root).as_posix()}: is a link; put the file itself there"
    module = next((path / name for name in _MODULES if (path / name).is_file()), None)
    if module is None:
        return f"{folder}: has neither app.py nor app/__init__.py; agents are run by `uvicorn app:app`"
    return _module_problem(module, module.relative_to(root).as_posix())


def _module_problem(module: Path, shown: str) -> str | None:
    try:
        tree = ast.parse(module.read_bytes())
    except (SyntaxError, ValueError) as error:
        return f"{shown}: isn't Python: {error}; correct it"
    if "app" in _bound(tree.body):
        return None
    return f"{shown}: binds no `app` at its top level; write `app = FastAPI()`, or `app = create_app()`"


def _bound(body: Iterable[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements of a module bind, below `if`, `try` and `with` too."""
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name.partition(".")[0] for alias in names)
            case ast.Assign(targets=targets):
                yield from _targets(targets)
            case ast.AnnAssign(target=target, value=ast.expr()):
                yield from _targets([target])
            case _:
                yield from _bound(_inner(statement))


def _targets(targets: Iterable[ast.expr]) -> Iterator[str]:
    for node in (node for target in targets for node in ast.walk(target)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _inner(statement: ast.stmt) -> Iterator[ast.stmt]:
    for field in ("body", "orelse", "finalbody"):
        yield from getattr(statement, field, ())
    for handler in getattr(statement, "handlers", ()):
        yield from handler.body
