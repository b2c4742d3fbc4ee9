"""A stack's secrets: made once, written for their owner only, and never by a preview."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from sutazai_infra.inputs.secretstore import secret_values, store_path
from sutazai_infra.model.errors import SutazaiError


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    return tmp_path


def test_a_secret_is_made_once_and_then_kept(state: Path) -> None:
    first = secret_values(["redis"], "shop", write=True)

    assert secret_values(["redis"], "shop", write=True) == first
    assert json.loads((state / "secrets" / "shop.json").read_text()) == first


def test_a_new_secret_leaves_the_others_as_they_are(state: Path) -> None:
    del state
    first = secret_values(["redis"], "shop", write=True)

    both = secret_values(["redis", "postgres"], "shop", write=True)

    assert both["redis"] == first["redis"]
    assert len(both["postgres"]) == 32
    assert both["postgres"] != both["redis"]


def test_a_preview_writes_nothing_and_still_has_values(state: Path) -> None:
    assert set(secret_values(["redis"], "shop", write=False)) == {"redis"}
    assert list(state.iterdir()) == []


def test_stacks_share_no_secret(state: Path) -> None:
    del state
    assert secret_values(["redis"], "shop", write=True) != secret_values(["redis"], "mall", write=True)


def test_only_their_owner_reads_them(state: Path) -> None:
    secret_values(["redis"], "shop", write=True)

    assert stat.S_IMODE((state / "secrets" / "shop.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((state / "secrets").stat().st_mode) == 0o700


def test_a_file_that_can_not_be_read_is_never_overwritten(state: Path) -> None:
    path = state / "secrets" / "shop.json"
    path.parent.mkdir()
    path.write_text("{ half")

    with pytest.raises(SutazaiError) as refused:
        secret_values(["redis"], "shop", write=True)

    assert str(refused.value).startswith(f"{path}: the stack's secrets can't be read (")
    assert str(refused.value).endswith("); restore the file")
    assert path.read_text() == "{ half"


def test_a_file_that_holds_no_secrets_by_name_is_refused(state: Path) -> None:
    path = state / "secrets" / "shop.json"
    path.parent.mkdir()
    path.write_text("[1, 2]")

    with pytest.raises(SutazaiError, match="the stack's secrets can't be read"):
        secret_values(["redis"], "shop", write=True)


def test_they_lie_beside_a_local_state_whatever_its_folder_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/my%20state")

    assert store_path("shop") == tmp_path / "my state" / "secrets" / "shop.json"


def test_they_lie_in_the_users_configuration_where_the_state_is_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://api.example.com")
    there = store_path("shop")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://bucket")

    assert there.parents[1] == tmp_path / "sutazai-infra" / "secrets"
    assert there.name == "shop.json"
    assert store_path("shop") != there, "each backend may have a stack of that name"
