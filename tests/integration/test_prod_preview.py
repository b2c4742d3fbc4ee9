"""The project's own stacks are previewed as typed, under the policy pack; prod on any machine, engine or not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.pulumi_project import Done
from tests.integration.stack_lab import REPOSITORY, StackLab

pytestmark = pytest.mark.engine

NO_ENGINE = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
TOO_MUCH = (
    "14464 MiB of 14336 MiB (ollama 11264, backend 1024, postgres 1024, frontend 512, redis 448, 2 more 192)"
)
PACK = ("--policy-pack", "policy")


@pytest.fixture(scope="module")
def prod(swept: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackLab]:
    """Return a copy of the project with a `prod` stack in a state of its own: nothing is ever deployed from it."""
    del swept
    yield from own_stack(tmp_path_factory.mktemp("prod"), "prod")


@pytest.fixture
def dev(swept: None, tmp_path: Path) -> Iterator[StackLab]:
    """Return the same of `dev`; containers of a live one are only looked at."""
    del swept
    yield from own_stack(tmp_path, "dev")


def own_stack(folder: Path, name: str) -> Iterator[StackLab]:
    lab = StackLab(folder, name)
    restore(lab)
    yield lab
    lab.client.close()


def restore(lab: StackLab) -> None:
    shutil.copy(REPOSITORY / f"Pulumi.{lab.stack}.yaml", lab.config_file)
    lab.config_file.write_text(lab.config_file.read_text().partition("encryptionsalt")[0])


def change(lab: StackLab, key: str, value: Any) -> None:
    restore(lab)
    document = yaml.safe_load(lab.config_file.read_text())
    document["config"][f"sutazai-infra:{key}"] = value
    lab.config_file.write_text(yaml.safe_dump(document))


def passes_with_a_ledger(done: Done) -> None:
    """The pack says what it checked, and nothing else: no refusal and no advice."""
    said = [line for line in done.lines if line.startswith(("- [mandatory]", "- [advisory]"))]
    assert len(said) == 1, done.output
    assert "ledger" in said[0]
    assert [line for line in done.lines if line.startswith("⚠️ sutazai@v")], done.output


def containers(output: str) -> int:
    return sum("docker:index:Container " in line and " create" in line for line in output.splitlines())


@pytest.mark.parametrize("environment", [{}, NO_ENGINE], ids=["with an engine", "without an engine"])
def test_the_preview_of_prod_passes_the_policies(prod: StackLab, environment: dict[str, str]) -> None:
    restore(prod)

    done = prod.pulumi("preview", *PACK, **environment).worked()

    passes_with_a_ledger(done)
    assert containers(done.output) > 69


def test_the_preview_of_dev_passes_the_policies(dev: StackLab) -> None:
    done = dev.pulumi("preview", *PACK).worked()

    passes_with_a_ledger(done)
    # Fifteen services, one of them twice, eight agents, and whoever carries the files of each pool.
    assert containers(done.output) == 26


@pytest.mark.parametrize("command", [("preview",), ("up", "--yes", "--skip-preview")], ids=["preview", "up"])
def test_one_gib_more_than_fits_is_refused_before_anything_is_created(
    prod: StackLab, command: tuple[str, ...]
) -> None:
    # With 10 GiB the requests of tier 1 come to 13440 of its 14336 MiB.
    change(prod, "overrides", {"ollama": {"memory_request": "11Gi", "memory_limit": "11Gi"}})

    done = prod.pulumi(*command, **NO_ENGINE)

    assert done.code != 0
    assert [line.removeprefix("error: ") for line in done.lines if "14464 MiB" in line][-2:] == [
        f"tier 1 requests {TOO_MUCH}: lower a request, or raise tiers.1.request_memory",
        f"pool infrastructure requests {TOO_MUCH}: "
        "lower a request, or raise pools/infrastructure/memory in the catalogue",
    ]
    assert "docker:index:" not in done.output


def test_an_unknown_key_of_prod_is_refused_with_its_path(prod: StackLab) -> None:
    change(prod, "replicas", "3")

    done = prod.pulumi("preview", **NO_ENGINE)

    assert done.code != 0
    assert any("stack prod: sutazai-infra:replicas: unknown key; known keys: " in line for line in done.lines)
