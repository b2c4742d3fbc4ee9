"""An agent's folder: what makes it one, and each refusal with its way out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sutazai_infra.inputs.agentfolder import agent_folder_problem
from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.errors import ConfigError
from sutazai_infra.operations.images import ImageError, image_refs
from sutazai_infra.operations.images.source import load_sources

ROOT = Path(__file__).parents[3]


def write(root: Path, text: str, file: str = "app.py") -> Path:
    path = root / "agents/mine" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "app = FastAPI()",
        "app: FastAPI = create_app()",
        "async def app(scope, receive, send): ...",
        "class app: ...",
        "from server import app",
        "from server import application as app",
        "other, app = pair()",
        "if fast:\n    app = 1\nelse:\n    app = 2",
        "try:\n    import server\nexcept ImportError:\n    app = 1",
    ],
)
def test_a_module_that_binds_app_is_an_agent(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    assert agent_folder_problem(tmp_path, "agents/mine") is None


@pytest.mark.parametrize(
    "text", ["", "def create_app(): app = 1", "app: int", "application = 1", "app()", "x[app] = 1"]
)
def test_a_module_that_binds_no_app_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    assert agent_folder_problem(tmp_path, "agents/mine") == (
        "agents/mine/app.py: binds no `app` at its top level; write `app = FastAPI()`, or `app = create_app()`"
    )


def test_a_package_is_an_agent(tmp_path: Path) -> None:
    write(tmp_path, "from app.server import app", "app/__init__.py")
    assert agent_folder_problem(tmp_path, "agents/mine") is None


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert agent_folder_problem(tmp_path, "agents/mine") == (
        "agents/mine: no such folder; put the agent's files there, its module app.py among them"
    )


def test_a_folder_without_the_module_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "app = 1", "main.py")
    assert agent_folder_problem(tmp_path, "agents/mine") == (
        "agents/mine: has neither app.py nor app/__init__.py; agents are run by `uvicorn app:app`"
    )


def test_a_link_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "app = 1").with_name("key").symlink_to("/etc/passwd")
    assert agent_folder_problem(tmp_path, "agents/mine") == "agents/mine/key: is a link; put the file itself there"


def test_what_is_not_python_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "app = (")
    problem = agent_folder_problem(tmp_path, "agents/mine")
    assert problem is not None
    assert problem.startswith("agents/mine/app.py: isn't Python: ")


def catalogue_with(root: Path, app: str) -> Path:
    folder = shutil.copytree(ROOT / "catalogue", root / "own" / "catalogue")
    agents = folder / "agents.yaml"
    entry = f"agents:\n  mine: {{type: testing, role: tests, host_port: 11990, app: {app}}}\n"
    agents.write_text(agents.read_text().replace("agents:\n  agent-orch", f"{entry}  agent-orch"))
    return folder


def test_the_catalogue_alone_makes_an_agent_of_a_folder(tmp_path: Path) -> None:
    folder = catalogue_with(tmp_path, "agents/mine")
    write(folder.parent, "app = 1")
    catalogue = load_catalogue(folder)
    service = next(service for service in catalogue.services if service.name == "mine")
    assert service.image == "agent-mine"
    assert list(service.command)[-5:] == ["app:app", "--host", "0.0.0.0", "--port", "8080"]  # noqa: S104
    assert catalogue.images["agent-mine"].built == "agent-mine"
    assert catalogue.images["agent-mine"].built_user == "10001:10001"


def test_the_catalogue_refuses_a_folder_that_is_not_there_by_the_path_of_its_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load_catalogue(catalogue_with(tmp_path, "agents/nobody"))
    assert str(refused.value) == (
        "catalogue/agents.yaml: agents/mine/app: agents/nobody: no such folder;"
        " put the agent's files there, its module app.py among them"
    )


def test_the_examples_are_agents() -> None:
    for name in ("factory", "fastapi-module", "plain-asgi"):
        assert agent_folder_problem(ROOT, f"agents/{name}") is None


def images_beside(root: Path) -> Path:
    (root / "images/agent").mkdir(parents=True)
    (root / "images/agent/Dockerfile").write_text("FROM debian:bookworm-slim\n")
    return root / "images"


def test_a_changed_agent_changes_its_own_reference_alone(tmp_path: Path) -> None:
    images = images_beside(tmp_path)
    write(tmp_path, "app = 1")
    before = image_refs(images)
    write(tmp_path, "app = 2")
    after = image_refs(images)
    assert list(after) == ["agent", "agent-mine"]
    assert before["agent"] == after["agent"]
    assert before["agent-mine"] != after["agent-mine"]


def test_a_link_in_an_agents_folder_is_refused_at_the_build_too(tmp_path: Path) -> None:
    images = images_beside(tmp_path)
    write(tmp_path, "app = 1").with_name("key").symlink_to("/etc/passwd")
    with pytest.raises(ImageError, match="mine/key: a link in a build context; put the file itself there"):
        image_refs(images)


def test_requirements_are_installed_in_a_stage_that_is_not_the_last(tmp_path: Path) -> None:
    images = images_beside(tmp_path)
    write(tmp_path, "app = 1")
    assert "pip" not in load_sources(images)["agent-mine"].dockerfile
    write(tmp_path, "tenacity==9.0.0\n", "requirements.txt")
    *_, last = load_sources(images)["agent-mine"].dockerfile.split("FROM ")
    first, second, third, *rest = last.splitlines()
    assert (first, second) == ("sutazai/agent", "COPY --from=packages /opt/packages /opt/packages")
    assert (third, rest[-1]) == ("COPY folder /app", "USER 10001:10001")


def test_what_is_not_python_ends_the_build_and_its_container_needs_no_compiler(tmp_path: Path) -> None:
    images = images_beside(tmp_path)
    write(tmp_path, "app = 1")
    assert "compileall" in load_sources(images)["agent-mine"].dockerfile
