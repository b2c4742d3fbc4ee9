from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.operations.hosts.kernel_double import KernelDouble


@pytest.fixture
def v1(tmp_path: Path) -> KernelDouble:
    """Return the reference host with cgroup v1 and the cgroupfs driver."""
    return KernelDouble(tmp_path, "v1")


@pytest.fixture
def v2(tmp_path: Path) -> KernelDouble:
    """Return the reference host with cgroup v2 and the cgroupfs driver."""
    return KernelDouble(tmp_path, "v2")


@pytest.fixture(params=["v1", "v2"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> KernelDouble:
    """Return the reference host with either version."""
    return KernelDouble(tmp_path, request.param)
