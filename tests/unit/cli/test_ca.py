"""`sutazai ca`: the authority's certificate for clients, never its key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sutazai_infra.cli.app import main
from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.inputs.secretstore import read_secrets, stack_secrets
from sutazai_infra.model.settings import Tls
from tests.unit.cli.projects import write_project


@pytest.fixture
def deployed(project: Path) -> str:
    stack_secrets(load_catalogue(project / "catalogue").secrets, "lab", Tls(), datetime.now(UTC), write=True)
    return read_secrets("lab")["ca-certificate"].value


def test_it_prints_the_certificate_and_no_key(deployed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ca", "-s", "lab"]) == 0
    assert capsys.readouterr().out == deployed
    assert "PRIVATE" not in deployed


def test_it_writes_a_file(deployed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ca", "-s", "lab", "-o", str(tmp_path / "ca.pem")]) == 0
    assert (tmp_path / "ca.pem").read_text() == deployed
    assert capsys.readouterr().out == ""


def test_where_there_is_none_yet_it_says_how_to_get_one(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del project
    assert main(["ca", "-s", "lab"]) == 1
    assert capsys.readouterr().err == (
        f"stack lab: it has no certificate authority yet ({tmp_path}/state/secrets/lab.json); "
        "the first `sutazai up --stack lab` makes one\n"
    )


def test_with_an_operators_own_certificate_it_prints_the_end_of_its_chain(
    deployed: str, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.pem"
    own.write_text(read_secrets("lab")["gateway-certificate"].value + deployed)
    write_project(project, tls={"certificate": str(own)})

    assert main(["ca", "-s", "lab"]) == 0
    assert capsys.readouterr().out == deployed
