from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sutazai_policy
from sutazai_policy.pack import Surroundings, judge
from sutazai_policy.rule import Rule
from sutazai_policy.rules import HOST_BUDGET, LIMITS_REQUIRED, RULES, TIER_QUOTAS

from tests.policy.engine_double import EngineDouble, served
from tests.policy.stacks import Stack, container, small_stack

_SHIPPED = Path(sutazai_policy.__file__).parents[1] / "stacks.yaml"


def _messages(
    rule: Rule[Any], stack: Stack, file: Path, environ: dict[str, str] | None = None, **settings: Any
) -> list[str]:
    surroundings = Surroundings(stacks_file=file, environ=environ or {})
    return [found.message for found in judge(rule, stack.resources(), settings, surroundings)]


def _job(stack: str) -> Stack:
    return Stack(stack).add("pytorch", container("8-11", 512, 6144, 6144, "3", cpus="2"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return an operator's file with one stack of each kind."""
    path = tmp_path / "stacks.yaml"
    path.write_text(
        "big:\n  host: {cores: 24, memory_mib: 60170}\n"
        "roomy:\n  tiers: {3: {memory: 6144, memory_limit: 6144}}\n"
        "swapping:\n  limits-required: {swap_allowance_mib: 64}\n"
        "empty:\n",
        encoding="utf-8",
    )
    return path


def test_a_stack_that_is_not_named_gets_the_reference(file: Path) -> None:
    for stack in ("prod", "empty", "bigger"):
        assert len(_messages(TIER_QUOTAS, _job(stack), file)) == 2


def test_a_shared_setting_reaches_every_rule_that_has_it(file: Path) -> None:
    stack = Stack("big").add("redis", container("4-23", 512, 57344, 57344))

    assert _messages(HOST_BUDGET, stack, file) == []
    assert _messages(TIER_QUOTAS, stack, file)[0].startswith("tier 1 requests 57344 MiB of 29733.92 MiB")


def test_a_quota_can_be_raised_for_one_stack_and_keeps_the_others(file: Path) -> None:
    assert _messages(TIER_QUOTAS, _job("roomy"), file) == []

    over = _job("roomy").add("aider", container("11", 2048, 6, 6, "3", cpus="1"))

    assert [text.split(" (")[0] for text in _messages(TIER_QUOTAS, over, file)] == [
        "tier 3 requests 2.5 of 2 cores",
        "tier 3 requests 6150 MiB of 6144 MiB",
        "tier 3 may take 6150 MiB of 6144 MiB",
    ]


def test_a_rule_can_have_settings_of_its_own(file: Path) -> None:
    stack = Stack("swapping").add("redis", container("4", 512, 448, 512, memorySwap=576))

    assert _messages(LIMITS_REQUIRED, stack, file) == []
    assert len(_messages(LIMITS_REQUIRED, stack, file.with_name("none.yaml"))) == 1


def test_the_commands_configuration_wins_key_by_key(file: Path) -> None:
    assert _messages(TIER_QUOTAS, _job("roomy"), file, tiers={"3": {"memory": 6143}}) == [
        "tier 3 requests 6144 MiB of 6143 MiB (pytorch 6144): lower a request, or raise tiers.3.memory"
    ]
    stack = Stack("big").add("redis", container("2-11", 512, 57344, 57344))
    assert len(_messages(HOST_BUDGET, stack, file, host="reference")) == 2
    partly = _messages(HOST_BUDGET, stack, file, host={"memory_mib": 30085})
    assert partly[0] == "redis may run on cores 2-3, and cores 0-3 are for the system: narrow its cpuSet"
    assert len(partly) == 3


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "prod:\n  hots: auto\n",
            "prod.hots: no rule and no setting has this name: use one of host, host-budget, limits-required,"
            " overcommit, pool_cgroups, swap_allowance_mib, tier-quotas, tiers",
        ),
        ("prod: auto\n", "prod: give keys and values, not 'auto'"),
        ("- prod\n", "stacks.yaml: give keys and values, not ['prod']"),
        ("prod:\n  tier-quotas: off\n", "prod.tier-quotas: give keys and values, not False"),
        (
            "prod:\n  tier-quotas: {host: moon}\n",
            'host: "moon" is no host: give auto, reference, or cores and memory_mib',
        ),
        (
            "prod:\n  tiers: {3: {memory: lots}}\n",
            "tiers.3.memory: input should be a valid integer, unable to parse string as an integer",
        ),
        ("prod:\n  tiers: {3: {core_set: 9-8}}\n", "tiers.3.core_set: no core set (9-8 runs backwards)"),
    ],
)
def test_a_mistake_in_the_operators_file_is_a_violation_with_its_path(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "stacks.yaml"
    path.write_text(text, encoding="utf-8")

    assert _messages(TIER_QUOTAS, small_stack(), path) == [
        f"the settings of tier-quotas can't be used: {problem}"
        " (they come from policy/stacks.yaml and --policy-pack-config)"
    ]


@pytest.mark.parametrize("content", [b"prod: [", b"\xff\xfe", b"a: b: c"])
def test_a_file_that_can_not_be_read_blocks_every_rule(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "stacks.yaml"
    path.write_bytes(content)

    for rule in RULES:
        (message,) = _messages(rule, small_stack(), path)
        assert message.startswith(f"the settings of {rule.name} can't be used: can't be read (")


def test_the_shipped_file_measures_dev_and_declares_prod(tmp_path: Path) -> None:
    with served(EngineDouble(cores=2, memory_mib=24105), tmp_path / "docker.sock") as environ:
        for rule in RULES:
            dev = Stack("dev").add("redis", container("0-1", 512, 448, 512))
            prod = Stack("prod").add("redis", container("4-5", 512, 448, 512))
            assert _messages(rule, dev, _SHIPPED, environ) == []
            assert _messages(rule, prod, _SHIPPED, environ) == []

        swapped = Stack("prod").add("redis", container("0-1", 512, 448, 512))
        assert len(_messages(HOST_BUDGET, swapped, _SHIPPED, environ)) == 1


def test_the_stacks_name_comes_from_its_urns_whatever_the_environment_says() -> None:
    stack = Stack("dev").add("redis", container("0-1", 512, 448, 512))
    environ = {"PULUMI_STACK": "prod", "DOCKER_HOST": "ssh://box"}

    assert "DOCKER_HOST ssh://box" in _messages(HOST_BUDGET, stack, _SHIPPED, environ)[0]


def test_a_rule_that_fails_lets_nothing_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sutazai_policy.pack.read_facts", lambda _: 1 / 0)

    assert _messages(HOST_BUDGET, small_stack(), _SHIPPED) == [
        "host-budget failed (ZeroDivisionError: division by zero), so nothing is let through: report it"
    ]
