"""How many networks an engine has addresses for."""

from __future__ import annotations

from typing import Any

import pytest

from sutazai_infra.inputs.address_pools import networks_at_most


@pytest.mark.parametrize(
    ("info", "most"),
    [
        ({}, 31),
        ({"DefaultAddressPools": None}, 31),
        ({"DefaultAddressPools": [{"Base": "10.64.0.0/12", "Size": 24}]}, 4096),
        ({"DefaultAddressPools": [{"Base": "10.1.0.0/16", "Size": 16}, {"Base": "10.2.0.0/16", "Size": 20}]}, 17),
        # What is too small for one network holds one all the same to Docker; IPv6 is for others.
        ({"DefaultAddressPools": [{"Base": "10.1.0.0/24", "Size": 16}, {"Base": "fd00::/48", "Size": 64}]}, 1),
    ],
)
def test_each_network_takes_one_range_of_the_engines_pools(info: dict[str, Any], most: int) -> None:
    assert networks_at_most(info) == most
