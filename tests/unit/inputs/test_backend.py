"""A local backend's folder, as Pulumi would find it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sutazai_infra.inputs.backend import local_state


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("file:///srv/state", "/srv/state"),
        ("file:///srv/my%20state", "/srv/my state"),
        ("file:///srv/state?no_tmp_dir=true", "/srv/state"),
        ("file://~/state", "HOME/state"),
        ("file://~", "HOME"),
        ("file://./state", "HERE/state"),
    ],
)
def test_every_way_of_writing_a_folder_is_read(
    address: str, folder: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULUMI_BACKEND_URL", address)

    found = local_state()

    assert str(found) == folder.replace("HOME", str(Path.home())).replace("HERE", str(tmp_path))


@pytest.mark.parametrize("address", ["", "s3://bucket", "https://api.example.com"])
def test_other_backends_have_none(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", address)
    assert local_state() is None
