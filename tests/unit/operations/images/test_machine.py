from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from sutazai_infra.operations.images.machine import machine_files, proxies
from sutazai_infra.operations.images.source import ImageError, context_tar, image_refs, load_sources


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def given(environment: dict[str, str], root: Path) -> dict[str, str]:
    """Return the files of `.machine` by name, as on a machine whose root folder is `root`."""
    files = machine_files({"HOME": str(root / "home"), **environment}, root)
    assert not any(file.executable for file in files)
    return {file.path: file.content.decode() for file in files}


def test_a_machine_without_settings_gives_none(tmp_path: Path) -> None:
    assert given({}, tmp_path) == {".machine/pip.conf": "[global]\n"}


def test_the_systems_certificates_are_given_where_nobody_names_others(tmp_path: Path) -> None:
    write(tmp_path / "etc/pki/tls/certs/ca-bundle.crt", "bundle")
    assert given({}, tmp_path) == {
        ".machine/ca.pem": "bundle",
        ".machine/pip.conf": "[global]\ncert = /.machine/ca.pem\n",
    }


def test_certificates_that_are_named_for_pip_come_before_those_for_all(tmp_path: Path) -> None:
    write(tmp_path / "etc/ssl/certs/ca-certificates.crt", "system")
    everyone, pip = write(tmp_path / "all.pem", "everyone"), write(tmp_path / "pip.pem", "pip")
    for_all = {"SSL_CERT_FILE": str(everyone)}
    assert given(for_all, tmp_path)[".machine/ca.pem"] == "everyone"
    assert given(for_all | {"PIP_CERT": str(pip)}, tmp_path)[".machine/ca.pem"] == "pip"


def test_named_certificates_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError) as refusal:
        given({"PIP_CERT": "/nowhere/ca.pem"}, tmp_path)
    expected = "/nowhere/ca.pem: this machine's certificates can't be read: No such file or directory"
    assert str(refusal.value) == expected


def test_settings_come_from_pips_files_and_above_them_from_the_environment(tmp_path: Path) -> None:
    write(tmp_path / "etc/pip.conf", "[global]\nindex-url = https://one/simple\nretries = 3\ntimeout = 9\n")
    write(tmp_path / "home/.config/pip/pip.conf", "[install]\nindex-url = https://two/simple\ntimeout = 8\n")
    environment = {"PIP_TIMEOUT": "7", "PIP_TRUSTED_HOST": "two", "PIP_RETRIES": ""}
    assert given(environment, tmp_path)[".machine/pip.conf"] == (
        "[global]\nindex-url = https://two/simple\nretries = 3\ntimeout = 7\ntrusted-host = two\n"
    )


def test_paths_of_this_machine_are_left_out(tmp_path: Path) -> None:
    environment = {
        "PIP_FIND_LINKS": "/opt/wheels https://wheels/",
        "PIP_INDEX_URL": "file:///index",
        "PIP_LOG": "/x",
    }
    assert given(environment, tmp_path)[".machine/pip.conf"] == "[global]\nfind-links = https://wheels/\n"


def test_a_file_of_settings_may_be_named_or_all_be_switched_off(tmp_path: Path) -> None:
    write(tmp_path / "etc/pip.conf", "[global]\nretries = 3\n")
    named = write(tmp_path / "mine.conf", "[global]\nretries = 4\n")
    assert given({"PIP_CONFIG_FILE": str(named)}, tmp_path)[".machine/pip.conf"] == "[global]\nretries = 4\n"
    assert given({"PIP_CONFIG_FILE": "/dev/null"}, tmp_path)[".machine/pip.conf"] == "[global]\n"


def test_settings_that_cannot_be_read_are_refused_by_name(tmp_path: Path) -> None:
    broken = write(tmp_path / "etc/pip.conf", "index-url = https://one/simple\n")
    with pytest.raises(ImageError) as refusal:
        given({}, tmp_path)
    reason = "File contains no section headers"
    assert str(refusal.value) == f"{broken}: pip's settings can't be read: {reason}; correct the file"


def test_proxies_are_passed_on_in_both_spellings() -> None:
    environment = {"HTTP_PROXY": "http://p:1", "https_proxy": "http://p:2", "NO_PROXY": "", "PATH": "/bin"}
    assert proxies(environment) == {"HTTP_PROXY": "http://p:1", "https_proxy": "http://p:2"}


TWO_STAGES = "FROM debian:bookworm-slim AS first\nCOPY .machine /.machine\nFROM debian:bookworm-slim\n"


def test_what_is_the_machines_own_changes_no_reference_but_the_context(tmp_path: Path) -> None:
    write(tmp_path / "images/app/Dockerfile", TWO_STAGES)
    images = tmp_path / "images"
    source, refs = load_sources(images)["app"], image_refs(images)
    assert source.wants_machine
    with tarfile.open(fileobj=context_tar(source, refs, machine_files({}, tmp_path))) as archive:
        assert archive.getnames() == ["Dockerfile", ".machine/pip.conf"]
    assert image_refs(images) == refs


@pytest.mark.parametrize("line", ["COPY .machine /x", "COPY a .machine/ca.pem /x/", "ADD . /x", "COPY ./ /x"])
def test_a_last_stage_that_copies_it_is_refused(tmp_path: Path, line: str) -> None:
    write(tmp_path / "images/app/Dockerfile", f"{TWO_STAGES}{line}\n")
    with pytest.raises(ImageError) as refusal:
        load_sources(tmp_path / "images")
    assert str(refusal.value) == (
        "app/Dockerfile: the last stage copies .machine, which holds what is this machine's own; "
        "copy it in a stage before, and only what came of it"
    )


@pytest.mark.parametrize("line", ["COPY --from=first /.machine.txt /x", "COPY a.machine /x", "COPY a ./b /x/"])
def test_a_last_stage_may_copy_what_is_only_named_alike(tmp_path: Path, line: str) -> None:
    write(tmp_path / "images/app/Dockerfile", f"{TWO_STAGES}{line}\n")
    assert load_sources(tmp_path / "images")["app"].wants_machine
