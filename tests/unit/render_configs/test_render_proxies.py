"""PgBouncer: what of the plan its settings follow."""

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
