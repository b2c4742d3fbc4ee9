"""PostgreSQL: dumps of one moment, while the server goes on.

The moment is a transaction that stays open: its snapshot is exported, and dumps, counts and checksums all see it.
So writers are held only as long as it takes to begin one, whatever there is to dump.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import docker
from docker.models.containers import Container

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.secrets.postgres import PostgresRole
from sutazai_infra.operations.snapshots.archives import Sink, tar_of_file
from sutazai_infra.operations.snapshots.commands import run, streamed
from sutazai_infra.operations.snapshots.manifest import Facts, StoredFile
from sutazai_infra.operations.snapshots.session import Session
from sutazai_infra.operations.snapshots.stores import Store
from sutazai_infra.operations.snapshots.trial import Trial, put, ready, stopped

__all__ = ["PostgresTaker", "restore_postgres"]

Send = Callable[[Sink], None]
Get = Callable[[StoredFile], Iterator[bytes]]

_GLOBALS = "globals.sql"
_DATABASES = "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname"
_TABLES = """\
SELECT n.nspname || '.' || c.relname, format('%I.%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1"""
# Rows as texts that don't depend on the server's settings, and a sum, which doesn't depend on their order.
_SUM = "SELECT count(*), coalesce(sum(hashtextextended((r.*)::text, 0)), 0) FROM ONLY {table} AS r"
_PLAIN = """\
SET timezone TO 'UTC'; SET datestyle TO 'ISO'; SET intervalstyle TO 'postgres'; SET bytea_output TO 'hex';
SET extra_float_digits TO 1; SET idle_in_transaction_session_timeout TO 0; SET statement_timeout TO 0"""
# The password of a server that nobody reaches; its folder is scratch memory.
_START = (
    "umask 077; head -c 24 /dev/urandom | base64 > /tmp/password; export POSTGRES_PASSWORD_FILE=/tmp/password; "
    'exec docker-entrypoint.sh "$@"'
)
_KNOWN_ROLE = re.compile(r'ERROR:  role ".*" already exists')


class PostgresTaker:
    """Takes one server's databases."""

    def __init__(self, client: docker.DockerClient, store: Store) -> None:
        self._client, self._container = client, store.spec.name
        self._role = _role(store)
        self._sessions: dict[str, Session] = {}
        self._exported: dict[str, str] = {}

    def prepare(self) -> None:
        """Open a session for each database."""
        for name in databases(self._client, self._container, self._role):
            self._sessions[name] = Session(self._client, self._container, self._role, name)

    def mark(self) -> None:
        """Begin the transactions that everything is read in."""
        for name, session in self._sessions.items():
            session.ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            ((self._exported[name],),) = session.ask("SELECT pg_export_snapshot()")

    def files(self) -> Iterator[tuple[str, Send]]:
        """Give roles, and a dump of each database; not compressed, so that what stays the same is kept once."""
        yield _GLOBALS, self._piped(["pg_dumpall", "--globals-only", "-U", self._role])
        for name, snapshot in self._exported.items():
            words = ["pg_dump", "-Fc", "-Z0", f"--snapshot={snapshot}", "-U", self._role, "-d", name]
            yield f"{name}.dump", self._piped(words)

    def facts(self) -> Facts:
        """Count and sum up what the dumps saw."""
        return _summed(self._sessions)

    def close(self) -> None:
        """End the transactions."""
        for session in self._sessions.values():
            session.close()

    def _piped(self, words: Sequence[str]) -> Send:
        def send(sink: Sink) -> None:
            for chunk in streamed(self._client, self._container, words):
                sink(chunk)

        return send


def restore_postgres(trial: Trial, files: Sequence[StoredFile], get: Get, password: str | None) -> Facts:
    """Fill the trial's volume with a server's databases, and count them there.

    The superuser is told today's `password`: a restored one would lock the services out.
    """
    role = _role(trial.store)
    words = ["-c", _START, "sh", *trial.store.spec.command]
    server = trial.created(entrypoint=["sh"], command=words)
    for file in files:
        put(server, "/restore", tar_of_file(file.name, file.bytes, get(file)))
    server.start()
    ready(server, lambda: _answers(server, role))
    _roles_restored(server, role)
    there = databases(trial.client, str(server.name), role)
    for name in (file.name.removesuffix(".dump") for file in files if file.name != _GLOBALS):
        into = ["-d", name] if name in there else ["-C", "-d", "postgres"]
        run(
            trial.client,
            str(server.name),
            "pg_restore",
            "--exit-on-error",
            "-U",
            role,
            *into,
            f"/restore/{name}.dump",
        )
    run(trial.client, str(server.name), "vacuumdb", "--all", "--analyze-only", "--quiet", "-U", role)
    found = _counted(trial.client, str(server.name), role)
    if password is not None:
        PostgresRole(trial.client, str(server.name), role).tell(password)
    stopped(server, trial.store.spec)
    return found


def databases(client: docker.DockerClient, container: str, role: str) -> list[str]:
    """List the databases of a server, but for templates; raises `SutazaiError` for a name that is no file's."""
    session = Session(client, container, role, "postgres")
    try:
        names = [row[0] for row in session.ask(_DATABASES)]
    finally:
        session.close()
    for name in names:
        if not re.fullmatch(r"[\w.-]+", name):
            raise SutazaiError(
                f"{container}: database {name!r}: only letters, digits, _, . and - can be in its name"
            )
    return names


def _counted(client: docker.DockerClient, container: str, role: str) -> Facts:
    sessions = {name: Session(client, container, role, name) for name in databases(client, container, role)}
    try:
        return _summed(sessions)
    finally:
        for session in sessions.values():
            session.close()


def _summed(sessions: dict[str, Session]) -> Facts:
    counts, digests = {}, {}
    for database, session in sessions.items():
        session.ask(_PLAIN)
        for name, table in session.ask(_TABLES):
            ((rows, total),) = session.ask(_SUM.format(table=table))
            counts[f"{database}.{name}"] = int(rows)
            digests[f"{database}.{name}"] = total
    return Facts(counts=counts, digests=digests)


def _roles_restored(server: Container, role: str) -> None:
    """The superuser is there already; any other complaint counts."""
    status, said = server.exec_run(["psql", "-Xq", "-U", role, "-d", "postgres", "-f", f"/restore/{_GLOBALS}"])
    lines = said.decode(errors="replace").splitlines() if isinstance(said, bytes) else []
    wrong = [line for line in _errors(lines) if not _KNOWN_ROLE.search(line)]
    if status or wrong:
        raise SutazaiError(f"{server.name}: its roles can't be restored: {' '.join(wrong) or status}")


def _errors(lines: Iterable[str]) -> Iterator[str]:
    return (line for line in lines if "ERROR:" in line)


def _answers(server: Container, role: str) -> bool:
    """Over TCP: while the image initialises, its server answers on the socket already."""
    server.reload()
    if server.status != "running":
        return False
    return bool(server.exec_run(["pg_isready", "-q", "-h", "127.0.0.1", "-U", role, "-d", "postgres"])[0] == 0)


def _role(store: Store) -> str:
    return store.spec.env.get("POSTGRES_USER", "postgres")
