"""Settings, from what Pulumi hands to the program and from the stack's file: the same either way."""

from __future__ import annotations

from pathlib import Path

import pytest

from sutazai_infra.inputs.stackconfig import settings_from_config, settings_from_file
from sutazai_infra.model.errors import ConfigError, SutazaiError
from sutazai_infra.model.settings import ImageSource, Settings

ROOT = Path(__file__).parents[3]


def write(folder: Path, text: str) -> Path:
    (folder / "Pulumi.shop.yaml").write_text(text)
    return folder


def test_no_configuration_is_the_defaults() -> None:
    assert settings_from_config({}, "shop") == Settings()


def test_objects_come_as_json_and_the_rest_as_it_is_written() -> None:
    config = {
        "sutazai-infra:images": "built",
        "sutazai-infra:agents": "8",
        "sutazai-infra:keep_data": "false",
        "sutazai-infra:publish": '{"backend": 10010}',
        "sutazai-infra:services": '{"only": ["redis"]}',
        "docker:host": "ssh://elsewhere",
    }

    settings = settings_from_config(config, "shop")

    assert settings.images is ImageSource.BUILT
    assert (settings.agents, settings.keep_data) == (8, False)
    assert (settings.publish, settings.services.only) == ({"backend": 10010}, ("redis",))


@pytest.mark.parametrize("value", ["{half", "[", "{'a': 1}"])
def test_what_only_looks_like_json_is_refused_with_its_path(value: str) -> None:
    with pytest.raises(ConfigError, match=r"^stack shop: sutazai-infra:publish"):
        settings_from_config({"sutazai-infra:publish": value}, "shop")


def test_an_unknown_key_is_refused_with_its_path_and_the_closest_one() -> None:
    with pytest.raises(ConfigError) as refused:
        settings_from_config({"sutazai-infra:overrides": '{"redis": {"memory_limt": "1Gi"}}'}, "shop")

    assert str(refused.value) == (
        "stack shop: sutazai-infra:overrides/redis/memory_limt: unknown key (did you mean 'memory_limit'?)"
    )


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as refused:
        settings_from_config({"sutazai-infra:share": "3", "sutazai-infra:fit": "squeeze"}, "shop")

    assert len(refused.value.problems) == 2


def test_a_file_gives_what_pulumi_would_hand_over(tmp_path: Path) -> None:
    folder = write(tmp_path, "config:\n  sutazai-infra:agents: '8'\n  sutazai-infra:publish: {backend: 10010}\n")
    config = {"sutazai-infra:agents": "8", "sutazai-infra:publish": '{"backend":10010}'}

    assert settings_from_file(folder, "shop") == settings_from_config(config, "shop")


@pytest.mark.parametrize("text", ["", "config:\n", "encryptionsalt: v1:abc\n"])
def test_an_empty_file_is_the_defaults(tmp_path: Path, text: str) -> None:
    assert settings_from_file(write(tmp_path, text), "shop") == Settings()


@pytest.mark.parametrize("text", ["[]\n", "config: [a]\n", "text\n"])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as refused:
        settings_from_file(write(tmp_path, text), "shop")

    assert str(refused.value) == ("Pulumi.shop.yaml: config: must map keys such as sutazai-infra:host to values")


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^Pulumi.shop.yaml: not YAML: "):
        settings_from_file(write(tmp_path, "config: {a: [\n"), "shop")


def test_a_stack_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    write(tmp_path, "config:\n")
    (tmp_path / "Pulumi.mall.yaml").write_text("")

    with pytest.raises(SutazaiError) as refused:
        settings_from_file(tmp_path, "sohp")

    assert str(refused.value) == "there is no stack 'sohp' (no Pulumi.sohp.yaml); there are: mall, shop"


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_projects_own_stacks_publish_the_gateway_alone(stack: str) -> None:
    assert settings_from_file(ROOT, stack).publish == {"gateway": 10047}
