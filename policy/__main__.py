"""Start the policy pack. `PolicyPack()` serves until it is stopped, so nothing may import this file."""

from pathlib import Path

from pulumi_policy import EnforcementLevel, PolicyPack
from sutazai_policy.pack import policies

PolicyPack(
    name="sutazai",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=policies(stacks_file=Path(__file__).with_name("stacks.yaml")),
)
