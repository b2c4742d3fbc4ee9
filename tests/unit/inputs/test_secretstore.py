"""A stack's secrets: made once, written for their owner only, and never by a preview."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sutazai_infra.inputs.secretstore import change_secrets, read_secrets, stack_secrets, store_path
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.secret import Secret, SecretKind, StoredSecret
from sutazai_infra.model.settings import Tls

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def secret_values(names: Iterable[str], stack: str, *, write: bool) -> dict[str, str]:
    kept = stack_secrets({name: Secret(purpose="tests") for name in names}, stack, Tls(), NOW, write=write)
    return {name: secret.value for name, secret in kept.items()}


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


def test_what_an_operator_or_an_older_version_wrote_as_plain_text_is_a_first_version(state: Path) -> None:
    path = state / "secrets" / "shop.json"
    path.parent.mkdir()
    path.write_text('{"redis": "hunter2\\n"}')

    assert read_secrets("shop") == {"redis": StoredSecret(value="hunter2\n")}


def test_a_rotated_secret_is_kept_with_its_version_and_what_is_on_its_way(state: Path) -> None:
    rotated = StoredSecret(value="old").renewed("new").model_copy(update={"pending": "newer"})
    with change_secrets("shop") as known:
        known |= {"redis": rotated, "postgres": StoredSecret(value="plain")}

    assert read_secrets("shop") == {"redis": rotated, "postgres": StoredSecret(value="plain")}
    assert json.loads((state / "secrets" / "shop.json").read_text()) == {
        "postgres": "plain",
        "redis": {"value": "new", "version": 2, "pending": "newer"},
    }


def test_a_change_that_fails_is_not_kept(state: Path) -> None:
    del state
    secret_values(["redis"], "shop", write=True)
    before = read_secrets("shop")

    with pytest.raises(ZeroDivisionError), change_secrets("shop") as known:
        known["redis"] = StoredSecret(value=str(1 / 0))

    assert read_secrets("shop") == before


def test_certificates_are_issued_once_and_a_preview_keeps_none(state: Path) -> None:
    declared = {
        "gateway-certificate": Secret(purpose="tests", kind=SecretKind.CERTIFICATE),
        "ca-certificate": Secret(purpose="tests", kind=SecretKind.CA),
    }
    shown = stack_secrets(declared, "shop", Tls(), NOW, write=False)
    assert list(state.iterdir()) == []

    kept = stack_secrets(declared, "shop", Tls(), NOW, write=True)

    assert {name: secret.version for name, secret in shown.items()} == {
        "ca-certificate": 1,
        "gateway-certificate": 1,
    }
    assert kept != shown
    assert stack_secrets(declared, "shop", Tls(), NOW, write=True) == kept == read_secrets("shop")
