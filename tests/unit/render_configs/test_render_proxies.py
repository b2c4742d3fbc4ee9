"""PgBouncer and the gateway: what of the plan their settings follow."""

from __future__ import annotations

import re

import pytest

from tests.unit.render_configs.render_stack import changed, rendered


def ini(text: str) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {key.strip(): value.strip() for key, value in pairs}


@pytest.mark.parametrize(("images", "known"), [("upstream", True), ("built", False)])
def test_prepared_statements_are_named_only_to_a_pooler_that_knows_them(images: str, known: bool) -> None:
    assert ("max_prepared_statements" in ini(rendered(images=images)["pgbouncer"])) is known


def test_the_pool_grows_with_the_databases_limits_and_not_with_its_own() -> None:
    base = connections(rendered())
    assert connections(rendered(changed("pgbouncer", limits={"cpu": 4, "memory": "4Gi"}))) == base
    assert connections(rendered(changed("postgres", limits={"cpu": 4, "memory": "4Gi"}))) == 2 * base


def connections(texts: dict[str, str]) -> int:
    return int(ini(texts["pgbouncer"])["max_db_connections"])


def test_the_pooler_names_the_databases_own_database_and_port() -> None:
    assert ini(rendered()["pgbouncer"])["db"] == "host=postgres port=5432"


def test_no_password_is_in_any_text() -> None:
    assert not [name for name, text in rendered().items() if re.search("passw(or)?d *[=:]", text, re.IGNORECASE)]


def test_more_replicas_of_the_backend_leave_the_gateway_as_it_is() -> None:
    assert rendered(replicas={"backend": 3})["haproxy"] == rendered()["haproxy"]


def test_the_gateway_has_a_slot_for_every_replica_when_there_are_many() -> None:
    assert "server-template backend 6 backend:8000 " in rendered(replicas={"backend": 6})["haproxy"]


def test_what_a_server_takes_at_once_follows_its_cores() -> None:
    for cores, most in ((2, 32), (0.5, 16)):
        text = rendered(changed("backend", limits={"cpu": cores, "memory": "1Gi"}))["haproxy"]
        (line,) = (line for line in text.splitlines() if "server-template backend" in line)
        assert f" maxconn {most} " in line


def test_the_gateway_waits_for_names_that_are_not_there_yet() -> None:
    text = rendered(without=("frontend",))["haproxy"]
    assert "init-addr none" in text
    assert "server-template frontend 4 frontend:8501 " in text


def test_higher_classes_are_taken_from_the_queue_first() -> None:
    lines = re.findall(r"int\((-\d+)\) if \{ req.hdr\(x-sutazai-priority\) -m str (\w+) \}", rendered()["haproxy"])
    ordered = [name for _, name in sorted((int(number), name) for number, name in lines)]
    assert ordered == ["critical", "high", "medium", "low", "background"]


def test_the_gateway_ends_by_itself_before_it_is_killed() -> None:
    assert "hard-stop-after 25s" in rendered()["haproxy"]
