"""Redis: its own dump of one moment. The server forks, so writers are held only until it has."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import docker
from docker.errors import DockerException
from docker.models.containers import Container

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.secrets.execute import execute
from sutazai_infra.operations.snapshots.archives import Sink, file_in_tar, tar_of_file
from sutazai_infra.operations.snapshots.manifest import Facts, StoredFile
from sutazai_infra.operations.snapshots.stores import Store
from sutazai_infra.operations.snapshots.trial import Trial, put, ready, stopped, taken

__all__ = ["RedisTaker", "keyspace", "restore_redis"]

Send = Callable[[Sink], None]
Get = Callable[[StoredFile], Iterator[bytes]]

_DUMP = "dump.rdb"
_PATIENCE_S = 600.0
_POLL_S = 0.05
_KEYS = re.compile(r"^(db\d+):keys=(\d+),expires=(\d+)", re.MULTILINE)
# With its append-only file on, a server reads that alone, and nothing of a dump: so that is read first.
_SERVER = ("redis-server", "--appendonly", "no", "--save", "", "--dbfilename", _DUMP)


class RedisTaker:
    """Takes one server's keys."""

    def __init__(self, client: docker.DockerClient, store: Store, password: str | None) -> None:
        self._client, self._store, self._password = client, store, password
        self._saves = 0
        self._facts = Facts()

    def prepare(self) -> None:
        """Wait until no save is under way: two can't be at once."""
        self._idle()

    def mark(self) -> None:
        """Count the keys, and have the server begin its save."""
        # In one go: writers wait.
        said = self._ask("INFO persistence\nINFO keyspace\nBGSAVE")
        self._saves, self._facts = int(_fields(said)["rdb_saves"]), keyspace(said)
        if "Background saving started" not in said:
            raise SutazaiError(f"{self._store.spec.name}: doesn't save now: {said.strip().splitlines()[-1]}")

    def files(self) -> Iterator[tuple[str, Send]]:
        """Give the dump, once it is whole."""
        yield _DUMP, self._send

    def facts(self) -> Facts:
        """Say how many keys without an end there were in each database."""
        return self._facts

    def close(self) -> None:
        """Do nothing: the server keeps its dump as it always does."""

    def _send(self, sink: Sink) -> None:
        self._saved(self._idle())
        container = self._client.containers.get(self._store.spec.name)
        for chunk in file_in_tar(taken(container, f"{self._store.path}/{_DUMP}")):
            sink(chunk)
        # Its own rules may have had it save again meanwhile: that would be of another moment.
        self._saved(self._info("persistence"))

    def _saved(self, now: Mapping[str, str]) -> None:
        if now["rdb_last_bgsave_status"] != "ok":
            raise SutazaiError(f"{self._store.spec.name}: its save failed; its log says why")
        if int(now["rdb_saves"]) != self._saves + 1:
            raise SutazaiError(f"{self._store.spec.name}: saved by its own rules at the same time; try again")

    def _idle(self) -> Mapping[str, str]:
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            now = self._info("persistence")
            if now["rdb_bgsave_in_progress"] == "0" and now["aof_rewrite_in_progress"] == "0":
                return now
            time.sleep(_POLL_S)
        raise SutazaiError(f"{self._store.spec.name}: saves for more than {_PATIENCE_S:.0f} s; see its log")

    def _info(self, section: str) -> Mapping[str, str]:
        return _fields(self._ask(f"INFO {section}"))

    def _ask(self, command: str) -> str:
        return redis_cli(self._client, self._store.spec.name, command, self._password)


def restore_redis(trial: Trial, files: Sequence[StoredFile], get: Get) -> Facts:
    """Fill the trial's volume with the keys of a dump, as an append-only file, and count them there."""
    (file,) = files
    owner = _owner(trial.store.spec.user)
    server = trial.created(entrypoint=["docker-entrypoint.sh"], command=list(_SERVER))
    put(server, trial.store.path, tar_of_file(_DUMP, file.bytes, get(file), owner))
    server.start()
    ready(server, lambda: _answers(server))
    found = keyspace(redis_cli(trial.client, str(server.name), "INFO keyspace"))
    redis_cli(trial.client, str(server.name), "CONFIG SET appendonly yes")
    _rewritten(trial.client, server)
    stopped(server, trial.store.spec)
    return found


def keyspace(info: str) -> Facts:
    """Read `INFO keyspace`: only keys without an end are counted, since others may have come to theirs."""
    return Facts(counts={f"{db} lasting keys": int(keys) - int(ends) for db, keys, ends in _KEYS.findall(info)})


def redis_cli(client: docker.DockerClient, container: str, command: str, password: str | None = None) -> str:
    """Give a server a command; the password goes by standard input. Raises `SutazaiError`."""
    login = "" if password is None else f"AUTH {password}\n"
    try:
        status, said = execute(client, container, ["redis-cli"], f"{login}{command}\nQUIT\n")
    except DockerException as error:
        raise SutazaiError(f"{container}: {error}") from error
    if status or "NOAUTH" in said or "WRONGPASS" in said:
        raise SutazaiError(f"{container}: redis-cli: {said.strip() or status}")
    return said


def _answers(server: Container) -> bool:
    server.reload()
    if server.status != "running":
        return False
    return "loading:0" in str(server.exec_run(["redis-cli", "INFO", "persistence"])[1])


def _rewritten(client: docker.DockerClient, server: Container) -> None:
    def done() -> bool:
        now = _fields(redis_cli(client, str(server.name), "INFO persistence"))
        busy = {now["aof_rewrite_in_progress"], now["aof_rewrite_scheduled"]} != {"0"}
        return not busy and now["aof_enabled"] == "1" and now["aof_last_bgrewrite_status"] == "ok"

    ready(server, done)


def _fields(info: str) -> Mapping[str, str]:
    return dict(line.strip().split(":", 1) for line in info.splitlines() if ":" in line)


def _owner(user: str | None) -> tuple[int, int]:
    uid, _, gid = (user or "0").partition(":")
    return int(uid), int(gid or uid)
