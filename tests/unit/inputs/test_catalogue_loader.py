"""The loader's refusals, word for word, on a small catalogue that each test spoils in one place."""

from __future__ import annotations

from pathlib import Path

import pytest

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.errors import ConfigError
from sutazai_infra.model.service import Kind, PriorityClass

PLATFORM = """\
tiers:
  1: {name: only, request_cpu: 2, request_memory: 2Gi, limit_cpu: 2, limit_memory: 2Gi}
groups:
  web: {}
pools:
  main: {tier: 1, scaling: fixed, memory: 2Gi, weight: 100, pids: 10, groups: [web]}
links: {}
volumes:
  store: {snapshot: pause}
secrets:
  the-password: {purpose: for tests}
"""
IMAGES = """\
images:
  any: {upstream: "any:1", built: any}
"""
SERVICES = """\
services:
  api:
    pool: main
    priority: high
    image: any
    requests: {cpu: 0.1, memory: 64Mi}
    limits: {cpu: 1, memory: 128Mi}
    ports: [{container: 8080}]
    probe: {http: {port: 8080}}
    mounts: [{volume: store, path: /data}]
    secrets: [{path: /run/secrets/p, content: "${the-password}"}]
"""
AGENTS = """\
template:
  pool: main
  priority: medium
  image: any
  requests: {cpu: 0.006, memory: 48Mi}
  limits: {cpu: 0.5, memory: 256Mi}
  ports: [{container: 8080}]
  probe: {http: {port: 8080}}
agents:
  writer: {type: development, role: writes, host_port: 11000}
  reader: {type: testing, role: reads, host_port: 11001, priority: low}
"""


MESH = """\
mesh:
  gateway: api
  pools:
    main: {first_port: 8100, priority: high, ceiling: critical}
  targets:
    writer: {number: 1, answer: 5m}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "catalogue"
    (root / "services").mkdir(parents=True)
    files = {
        "platform.yaml": PLATFORM,
        "images.yaml": IMAGES,
        "services/core.yaml": SERVICES,
        "agents.yaml": AGENTS,
    }
    for name, text in files.items():
        (root / name).write_text(text)
    return root


def _spoil(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def _refusal(folder: Path) -> str:
    with pytest.raises(ConfigError) as refused:
        load_catalogue(folder)
    return str(refused.value)


def test_services_come_first_and_agents_follow_in_the_order_of_their_file(folder: Path) -> None:
    assert [service.name for service in load_catalogue(folder).services] == ["api", "writer", "reader"]


def test_an_agent_is_the_template_with_its_own_identity_port_and_priority(folder: Path) -> None:
    catalogue = load_catalogue(folder)
    writer, reader = catalogue.service("writer"), catalogue.service("reader")
    assert (writer.kind, writer.priority, reader.priority) == (Kind.AGENT, PriorityClass.MEDIUM, PriorityClass.LOW)
    assert writer.agent is not None
    assert (writer.agent.type, writer.agent.role) == ("development", "writes")
    assert [(port.container, port.host) for port in reader.ports] == [(8080, 11001)]


def test_a_bad_value_is_named_by_file_and_service(folder: Path) -> None:
    _spoil(folder, "services/core.yaml", "memory: 128Mi", "memory: 128")
    assert _refusal(folder) == (
        "catalogue/services/core.yaml: services/api/limits/memory: "
        "128 is no memory: write it with a unit, as in 512Mi or 1.5Gi"
    )


def test_a_misspelt_key_is_named_with_the_likely_one(folder: Path) -> None:
    _spoil(folder, "services/core.yaml", "priority: high", "priorty: high")
    assert _refusal(folder) == (
        "catalogue/services/core.yaml: services/api/priority: Field required\n"
        "catalogue/services/core.yaml: services/api/priorty: unknown key (did you mean 'priority'?)"
    )


def test_what_a_service_contradicts_itself_in_is_named_by_file_and_service(folder: Path) -> None:
    _spoil(folder, "services/core.yaml", "port: 8080", "port: 8081")
    assert _refusal(folder) == (
        "catalogue/services/core.yaml: services/api/probe: "
        "port 8081 is none of the ports that api listens on (8080)"
    )


def test_a_reference_to_nothing_is_named_by_the_file_of_its_service(folder: Path) -> None:
    _spoil(folder, "services/core.yaml", "image: any", "image: other")
    _spoil(folder, "services/core.yaml", "volume: store", "volume: stroe")
    _spoil(folder, "platform.yaml", "links: {}", "links: {api: {from_pools: [nowhere], reason: none}}")
    assert _refusal(folder) == (
        "catalogue/services/core.yaml: services/api/image: there is no image 'other'\n"
        "catalogue/services/core.yaml: services/api/mounts: there is no volume 'stroe'\n"
        "catalogue/platform.yaml: links/api: there is no pool 'nowhere'"
    )


def test_a_secret_that_nobody_declared_is_refused(folder: Path) -> None:
    _spoil(folder, "services/core.yaml", "${the-password}", "${a-password}")
    assert _refusal(folder) == (
        "catalogue/services/core.yaml: services/api/secrets: there is no secret 'a-password'"
    )


def test_a_key_written_twice_is_refused_with_both_lines(folder: Path) -> None:
    _spoil(folder, "services/core.yaml", "    priority: high\n", "    priority: high\n    priority: low\n")
    assert _refusal(folder) == "catalogue/services/core.yaml:5: priority: declared twice, first in line 4"


def test_a_service_declared_in_two_files_is_refused_with_both_files(folder: Path) -> None:
    (folder / "services" / "more.yaml").write_text(SERVICES)
    assert _refusal(folder) == (
        "catalogue/services/more.yaml: services/api: declared twice, first in catalogue/services/core.yaml"
    )


def test_an_agent_named_like_a_service_is_refused_with_both_files(folder: Path) -> None:
    _spoil(folder, "agents.yaml", "  writer:", "  api:")
    assert _refusal(folder) == (
        "catalogue/agents.yaml: services/api: declared twice, first in catalogue/services/core.yaml"
    )


def test_an_unknown_top_level_key_is_refused_with_its_line(folder: Path) -> None:
    _spoil(folder, "images.yaml", "images:", "image:")
    assert _refusal(folder).splitlines()[0] == "catalogue/images.yaml:1: image: unknown key; known keys: images"


def test_broken_yaml_is_refused_with_its_line(folder: Path) -> None:
    (folder / "images.yaml").write_text("images:\n  any: [\n")
    assert _refusal(folder) == "catalogue/images.yaml:3: did not find expected node content"


def test_an_empty_file_is_told_what_it_may_hold(folder: Path) -> None:
    (folder / "images.yaml").write_text("# nothing\n")
    assert _refusal(folder) == "catalogue/images.yaml: is no mapping; its keys are images"


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "agents.yaml").unlink()
    assert _refusal(folder) == "catalogue/agents.yaml: can't be read: No such file or directory"


def test_a_file_that_nobody_would_read_is_refused(folder: Path) -> None:
    (folder / "databases.yaml").write_text("services: {}\n")
    assert _refusal(folder) == (
        "catalogue/databases.yaml: is read by nobody; services go into catalogue/services/NAME.yaml"
    )


def test_a_name_given_once_more_inside_its_entry_is_refused(folder: Path) -> None:
    _spoil(folder, "services/core.yaml", "    pool: main", "    name: other\n    pool: main")
    assert _refusal(folder) == (
        "catalogue/services/core.yaml: services/api/name: follows from the entry's name; leave it out"
    )


def test_a_list_in_place_of_entries_is_refused(folder: Path) -> None:
    (folder / "images.yaml").write_text("images: [any]\n")
    assert "catalogue/images.yaml: images: must be entries by name, not ['any']" in _refusal(folder)


def test_a_text_in_place_of_an_entry_is_refused(folder: Path) -> None:
    (folder / "images.yaml").write_text("images: {any: 'any:1'}\n")
    assert "catalogue/images.yaml: images/any: must be a mapping, not 'any:1'" in _refusal(folder)


def test_a_mistake_in_the_template_is_reported_once_not_per_agent(folder: Path) -> None:
    _spoil(folder, "agents.yaml", "cpu: 0.5", "cpu: half")
    assert _refusal(folder) == (
        "catalogue/agents.yaml: template/limits/cpu: 'half' is no number of cores: write it as in 1.5 or 1500m"
    )


def test_the_problems_of_all_files_are_reported_together(folder: Path) -> None:
    _spoil(folder, "platform.yaml", "weight: 100", "weight: 0")
    _spoil(folder, "agents.yaml", "host_port: 11001", "host_port: 70000")
    assert _refusal(folder) == (
        "catalogue/platform.yaml: pools/main/weight: Input should be greater than or equal to 1, not 0\n"
        "catalogue/agents.yaml: agents/reader/host_port: Input should be less than or equal to 65535, not 70000"
    )


@pytest.mark.parametrize("key", ["? [a, b]\n", "? {a: b}\n"])
@pytest.mark.parametrize("indent", ["", "  "])
def test_a_key_that_is_no_word_is_refused_with_its_line(folder: Path, key: str, indent: str) -> None:
    _spoil(
        folder,
        "images.yaml",
        "images:\n",
        f"images:\n{indent}{key}{indent}: 1\n" if indent else f"{key}: 1\nimages:\n",
    )
    assert _refusal(folder) == (
        f"catalogue/images.yaml:{2 if indent else 1}: a key must be a word or a number, not a list or a mapping"
    )


def test_a_date_that_is_none_is_refused_with_its_line(folder: Path) -> None:
    _spoil(folder, "images.yaml", "images:\n", "images:\n  old: 2024-13-45\n")
    assert _refusal(folder) == "catalogue/images.yaml:2: '2024-13-45': month must be in 1..12"


@pytest.mark.parametrize("content", [b"images: \xff\xfe", b"images: \x00"])
def test_what_is_no_text_is_refused_with_its_file(folder: Path, content: bytes) -> None:
    (folder / "images.yaml").write_bytes(content)
    assert "catalogue/images.yaml: " in _refusal(folder)


@pytest.mark.parametrize(
    ("ports", "problem"),
    [
        ("5", "ports: Input should be a valid tuple, not 5"),
        ("null", "ports: Input should be a valid tuple"),
        ("[5]", "ports/0: Input should be keys with values, each on a line of its own (`key: value`), not 5"),
    ],
)
def test_ports_of_the_template_that_are_none_are_refused(folder: Path, ports: str, problem: str) -> None:
    _spoil(folder, "agents.yaml", "ports: [{container: 8080}]", f"ports: {ports}")
    assert _refusal(folder).splitlines()[0] == f"catalogue/agents.yaml: template/{problem}"


def test_the_mesh_is_one_value_of_the_platform(folder: Path) -> None:
    _spoil(folder, "platform.yaml", "links: {}\n", f"links: {{}}\n{MESH}")
    mesh = load_catalogue(folder).mesh
    assert list(mesh.listeners()) == [("main", "writer", 8101)]
    assert (mesh.gateway, mesh.targets["writer"].answer) == ("api", 300)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (MESH, "mesh: [api]\n", "mesh: must be a mapping, not ['api']"),
        ("answer: 5m", "anser: 5m", "mesh/targets/writer/anser: unknown key (did you mean 'answer'?)"),
        ("    writer:", "    wrter:", "mesh/targets/wrter: there is no such service"),
        (
            "first_port: 8100",
            "first_port: 8079",
            "mesh/pools/main/first_port: writer's port 8080 is api's http already; choose another",
        ),
    ],
)
def test_a_problem_of_the_mesh_names_its_file_and_key(folder: Path, old: str, new: str, problem: str) -> None:
    text = PLATFORM.replace("links: {}\n", f"links: {{}}\n{MESH}").replace(old, new)
    (folder / "platform.yaml").write_text(text)
    with pytest.raises(ConfigError) as refused:
        load_catalogue(folder)
    assert str(refused.value) == f"catalogue/platform.yaml: {problem}"
