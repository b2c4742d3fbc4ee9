"""Start the policy pack. It serves until it is stopped, so nothing may import this file."""

from pathlib import Path

from sutazai_policy.judge import Surroundings
from sutazai_policy.rules import all_rules
from sutazai_policy.server import serve

serve("sutazai", "0.2.0", all_rules(), Surroundings(stacks_file=Path(__file__).with_name("stacks.yaml")))
