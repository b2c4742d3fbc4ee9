"""Updates that are kept, taken back by themselves, and gone back to by hand, while the data stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.data_lab import inside_postgres, redis_cli
from tests.integration.pulumi_project import Done
from tests.integration.stack_lab import StackLab

pytestmark = pytest.mark.engine

BACKEND = "images/workload/workload/backend.py"
WELL, SICK = "200 if healthy else 503", "503"
PORT = 'POSTGRES_PORT: "6432"'


@pytest.fixture(scope="module")
def changing(swept: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackLab]:
    """Return a project under git, not deployed yet."""
    del swept
    with StackLab.opened(tmp_path_factory.mktemp("changing")) as lab:
        lab.settings |= {
            "services": {"only": ["postgres", "redis", "pgbouncer", "backend"]},
            "agents": "0",
            "overrides": {
                name: {"memory_request": "64Mi", "memory_limit": "256Mi"} for name in ("postgres", "backend")
            },
        }
        lab.configure()
        lab.admit()
        yield lab


def test_updates_are_kept_taken_back_and_gone_back_to_and_data_stays(changing: StackLab) -> None:
    first = changing.commit("first")
    up(changing, "the first").worked()
    inside_postgres(changing, "CREATE TABLE kept (line text); INSERT INTO kept VALUES ('row');")
    redis_cli(changing, "SET kept key")
    image = changing.container("backend").attrs["Image"]

    source = changing.folder / BACKEND
    source.write_text(source.read_text().replace(WELL, SICK))
    failed = up(changing, "a bad image", "--rollback-on-failure", "--timeout", "15")
    assert failed.code == 1, failed.output
    assert "rolled back: update 1 is in force again" in failed.output
    assert "backend (" in failed.output
    assert changing.container("backend").attrs["Image"] == image

    source.write_text(source.read_text().replace(SICK, WELL))
    changing.edit("services/infrastructure.yaml", PORT, f'{PORT}\n      QUEUE_LIMIT: "77"')
    up(changing, "another limit").worked()
    assert "QUEUE_LIMIT=77" in changing.container("backend").attrs["Config"]["Env"]

    changing.run("sutazai", "rollback", "-s", changing.stack, "--to", "1", "--yes", "-m", "by hand").worked()
    assert "QUEUE_LIMIT=77" not in changing.container("backend").attrs["Config"]["Env"]
    assert inside_postgres(changing, "SELECT line FROM kept") == "row\n"
    assert redis_cli(changing, "GET kept") == ["key"]

    told = [(row["number"], row["result"], row["restores"], row["message"]) for row in reversed(history(changing))]
    assert told == [
        (1, "succeeded", None, "the first"),
        (2, "unhealthy", None, "a bad image"),
        (3, "succeeded", 1, "update 2 failed"),
        (4, "succeeded", None, "another limit"),
        (5, "succeeded", 1, "by hand"),
    ]
    assert {row["revision"] for row in history(changing)} == {first}


def up(lab: StackLab, message: str, *options: str) -> Done:
    return lab.run("sutazai", "up", "-s", lab.stack, "--yes", "-m", message, *options)


def history(lab: StackLab) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(
        lab.run("sutazai", "history", "-s", lab.stack, "--json").worked().output
    )
    return rows
