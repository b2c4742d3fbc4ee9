from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sutazai_infra.operations.statestore import StateStoreError, bucket_options, state_store


def test_below_a_local_state_it_is_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    state_store().write("history/a.json", b"1")
    assert (tmp_path / "sutazai/history/a.json").read_bytes() == b"1"


@pytest.mark.parametrize("address", ["https://api.pulumi.com", ""])
def test_what_a_service_keeps_the_state_of_is_kept_with_the_users_data(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", address)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    state_store().write("a", b"1")
    assert (tmp_path / "sutazai-infra/a").read_bytes() == b"1"


def test_it_creates_once_replaces_lists_and_removes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    store = state_store()
    assert store.read("x/1") is None
    assert store.names("x") == ()
    assert [store.create("x/1", b"first"), store.create("x/1", b"second")] == [True, False]
    assert store.read("x/1") == b"first"
    store.write("x/1", b"third")
    store.write("x/0", b"")
    assert store.read("x/1") == b"third"
    assert store.names("x") == ("x/0", "x/1")
    store.remove("x/1")
    store.remove("x/1")
    assert store.names("x") == ("x/0",)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sutazai").write_text("a file")
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    with pytest.raises(StateStoreError, match=f"file://{tmp_path}: can't be opened for the stack's history: "):
        state_store()


@pytest.mark.parametrize(
    ("address", "url", "options"),
    [
        ("s3://bucket", "s3://bucket/sutazai", {"client_options": {"allow_http": False}}),
        (
            "s3://bucket/a/?region=eu-west-1",
            "s3://bucket/a/sutazai",
            {"client_options": {"allow_http": False}, "region": "eu-west-1"},
        ),
        (
            "s3://b?endpoint=127.0.0.1:9000&disableSSL=true&s3ForcePathStyle=true",
            "s3://b/sutazai",
            {
                "client_options": {"allow_http": True},
                "endpoint": "http://127.0.0.1:9000",
                "virtual_hosted_style_request": False,
            },
        ),
        ("gs://bucket/x", "gs://bucket/x/sutazai", {}),
        ("azblob://container?storage_account=me", "az://container/sutazai", {"account_name": "me"}),
    ],
)
def test_a_buckets_address_is_taken_as_pulumi_takes_it(address: str, url: str, options: dict[str, Any]) -> None:
    assert bucket_options(address) == (url, options)
