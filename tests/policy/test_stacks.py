"""The stacks that all tests start from break no rule, so that what a test finds is what it broke."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_policy import EnforcementLevel
from sutazai_policy.rule import Rule
from sutazai_policy.rules import all_rules

from tests.policy.stacks import messages, reference_stack, small_stack

_MANDATORY = [rule for rule in all_rules() if rule.level is EnforcementLevel.MANDATORY]


@pytest.mark.parametrize("rule", _MANDATORY, ids=lambda rule: rule.name)
def test_no_rule_finds_anything_in_the_stacks_that_tests_start_from(rule: Rule[Any]) -> None:
    assert messages(rule, reference_stack()) == []
    assert messages(rule, small_stack()) == []
