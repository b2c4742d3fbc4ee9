"""History beside a state in a bucket: Pulumi and the command meet one server that speaks S3."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from moto.server import ThreadedMotoServer

from tests.integration.pulumi_project import Done
from tests.integration.stack_lab import StackLab, free_port

pytestmark = pytest.mark.engine

BUCKET = "state"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Return the address of a server with an empty bucket."""
    server = ThreadedMotoServer("127.0.0.1", free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    httpx.put(f"http://{host}:{port}/{BUCKET}").raise_for_status()
    yield f"{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def lab(swept: None, endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackLab]:
    """Return a stack of Redis alone, whose state is in the bucket."""
    del swept
    folder = tmp_path_factory.mktemp("bucket")
    with StackLab.opened(folder) as opened:
        opened.environment |= {
            "PULUMI_BACKEND_URL": f"s3://{BUCKET}?endpoint={endpoint}&disableSSL=true&s3ForcePathStyle=true&region=us-east-1",
            "AWS_ACCESS_KEY_ID": "lab",
            "AWS_SECRET_ACCESS_KEY": "lab",
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        opened.pulumi("stack", "init", opened.stack).worked()
        opened.settings |= {"services": {"only": ["redis"]}, "agents": "0"}
        opened.configure()
        opened.admit()
        opened.commit("first")
        yield opened


def sutazai(lab: StackLab, *words: str) -> Done:
    return lab.run("sutazai", words[0], "-s", lab.stack, *words[1:])


def asked(lab: StackLab, *words: str) -> Any:
    return json.loads(lab.run("sutazai", "history", *words, "-s", lab.stack, "--json").worked().output)


def test_updates_of_the_command_and_of_plain_pulumi_stand_in_one_history(lab: StackLab, endpoint: str) -> None:
    assert asked(lab) == []
    sutazai(lab, "up", "--yes", "-m", "new").worked()
    lab.configure(overrides={"redis": {"memory_request": "64Mi", "memory_limit": "300Mi"}})
    lab.up("--message", "by plain Pulumi").worked()
    lab.configure(overrides={"redis": {"memory_request": "80Mi", "memory_limit": "300Mi"}})
    sutazai(lab, "up", "--yes", "-m", "more").worked()
    sutazai(lab, "up", "--yes", "-m", "again").worked()  # changes nothing, and so is none

    rows = [(row["number"], row["message"], row["result"], row["changes"]) for row in asked(lab)]
    assert rows == [
        (2, "more", "succeeded", {"update": 1}),
        (None, "by plain Pulumi", "succeeded", {"replace": 1}),
        (1, "new", "succeeded", {"create": rows[-1][3]["create"]}),
    ]
    kept = f"sutazai/history/sutazai-infra/{lab.stack}/000002"
    listed = httpx.get(f"http://{endpoint}/{BUCKET}", params={"list-type": "2", "prefix": kept}).text
    assert re.findall("<Key>(.*?)</Key>", listed) == [f"{kept}.json", f"{kept}.plan.json.gz"]


def test_one_update_tells_who_from_what_and_what_came_of_it(lab: StackLab) -> None:
    shown = asked(lab, "show", "2")
    assert (shown["source"]["dirty"], shown["health"]) == (True, {"healthy": 1, "wanted": 1, "sick": []})
    assert shown["by"].count("@") == 1
    assert "memory_request: 80Mi" in shown["config"]
    assert shown["images"] == {"redis": lab.container("redis").attrs["Image"]}
    assert shown["seconds"] > 0
    memory = {
        line["scope"]: line["used"] for line in shown["ledger_after"] if line["dimension"] == "memory requests"
    }
    assert memory["stack"] == 80
    page = [
        " ".join(line.split())
        for line in lab.run("sutazai", "history", "show", "2", "-s", lab.stack).worked().lines
    ]
    assert "health 1 of 1 containers healthy" in page
    assert any(line.startswith("stack / memory requests (MiB)") for line in page)


def test_two_updates_are_compared(lab: StackLab) -> None:
    found = asked(lab, "diff", "1", "2")
    changed = {one["field"]: (one["before"], one["after"]) for one in found["differences"]}
    assert changed["memory_limit_mib"][1] == "300"
    assert changed["memory_request_mib"][1] == "80"
    assert (found["added"], found["removed"]) == ([], [])
    same = lab.run("sutazai", "history", "diff", "1", "1", "-s", lab.stack).worked().output
    assert same.strip() == "updates 1 and 1 put the same plan in force"


def test_an_update_that_never_was_is_a_refusal(lab: StackLab) -> None:
    done = lab.run("sutazai", "history", "show", "9", "-s", lab.stack)
    assert (done.code, done.output) == (1, f"stack {lab.stack} has no update 9: it has 1 to 2\n")


def test_a_bucket_that_does_not_answer_is_named(lab: StackLab) -> None:
    away = {
        "PULUMI_BACKEND_URL": f"s3://{BUCKET}?endpoint=127.0.0.1:{free_port()}&disableSSL=true&region=us-east-1"
    }
    done = lab.run("sutazai", "history", "show", "1", "-s", lab.stack, **away)
    assert done.code == 1
    assert done.output.startswith(
        f"s3://{BUCKET}/sutazai: can't get history/sutazai-infra/{lab.stack}/000001.json: "
    )
    assert "Traceback" not in done.output
