from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.deploy.environment import default_environment, find_project, selected_stack

OWN_PYTHON = {"PATH": f"{Path(sys.prefix) / 'bin'}:/usr/bin"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: sutazai-infra\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config: {}\n")
    return tmp_path


def select(home: Path, project: Path, chosen: str) -> None:
    digest = hashlib.sha1(str(project / "Pulumi.yaml").encode(), usedforsecurity=False).hexdigest()
    path = home / "workspaces" / f"sutazai-infra-{digest}-workspace.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"stack": chosen}))


def test_the_project_is_found_from_a_folder_below_it(project: Path) -> None:
    (project / "a" / "b").mkdir(parents=True)
    assert find_project(project / "a" / "b") == project


def test_another_project_is_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: another\n")
    assert find_project(tmp_path) == Path(__file__).parents[4]


def test_no_project_at_all_is_an_error_with_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sutazai_infra.operations.deploy.environment.__file__", "/a/b/c/d/e.py")
    with pytest.raises(SutazaiError) as refusal:
        find_project(tmp_path)
    assert str(refusal.value) == (
        f"{tmp_path}: no Pulumi.yaml of sutazai-infra here or above; go there, or name it with -C"
    )


def test_defaults_keep_the_state_in_the_checkout(project: Path) -> None:
    assert default_environment(project, OWN_PYTHON) == {
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_BACKEND_URL": f"file://{project}/.state",
        "PULUMI_CONFIG_PASSPHRASE": "",
    }


def test_what_the_user_has_set_wins(project: Path) -> None:
    own = {"PULUMI_BACKEND_URL": "s3://state", "PULUMI_CONFIG_PASSPHRASE_FILE": "/secret", **OWN_PYTHON}
    assert default_environment(project, own) == {"PULUMI_SKIP_UPDATE_CHECK": "1"}


def test_an_empty_passphrase_of_the_user_is_a_choice_too(project: Path) -> None:
    assert "PULUMI_CONFIG_PASSPHRASE" not in default_environment(
        project, {"PULUMI_CONFIG_PASSPHRASE": "", **OWN_PYTHON}
    )


def test_the_program_runs_in_the_environment_of_the_command(project: Path) -> None:
    wanted = default_environment(project, {"PATH": "/usr/bin"})
    assert (wanted["PATH"], wanted["VIRTUAL_ENV"]) == (OWN_PYTHON["PATH"], sys.prefix)


def test_the_stack_that_pulumi_selected_is_read(project: Path, tmp_path: Path) -> None:
    select(tmp_path / "home", project, "organization/sutazai-infra/prod")
    assert selected_stack(project, {"PULUMI_HOME": str(tmp_path / "home")}) == "prod"


def test_a_selected_stack_without_settings_is_not_taken(project: Path, tmp_path: Path) -> None:
    select(tmp_path / "home", project, "gone")
    assert selected_stack(project, {"PULUMI_HOME": str(tmp_path / "home")}) is None


def test_without_a_selection_there_is_none(project: Path, tmp_path: Path) -> None:
    assert selected_stack(project, {"PULUMI_HOME": str(tmp_path / "home")}) is None
