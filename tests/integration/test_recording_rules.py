"""What the recording rules make of given series, computed by promtool."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sutazai_infra.operations.kpi.figures import FIGURES
from tests.integration.debian_tools import DebianTools
from tests.integration.rendered_stack import rendered_stack

STEP = 30
MIB = 2**20


def container(name: str, pool: str, *, requested: int, used: int, cores: float = 0.0) -> dict[str, str]:
    """Describe one with a request of half a core: memory in MiB, and the cores that it uses."""
    labels = f'{{name="{name}",service="{name}",pool="{pool}",tier="1",priority="high"}}'
    gauges = {
        "memory_working_set_bytes": used * MIB,
        "memory_request_bytes": requested * MIB,
        "memory_limit_bytes": 1000 * MIB,
        "cpu_request_cores": 0.5,
        "cores": 2,
    }
    series = {f"sutazai_container_{metric}{labels}": f"{value}x80" for metric, value in gauges.items()}
    return series | {f"sutazai_container_cpu_seconds_total{labels}": f"0+{cores * STEP}x80"}


USE = (
    container("a", "web", requested=100, used=25, cores=0.25)
    | container("b", "web", requested=100, used=300, cores=1)
    | container("c", "data", requested=200, used=150)
)
# 90 of 100 answers a second within 10 ms, the others within a second; what probes ask is left out.
ANSWERS = {
    f'sutazai_http_request_duration_seconds_bucket{{path="/api/v1/tasks",le="{bound}"}}': f"0+{count * STEP}x80"
    for bound, count in (("0.005", 0), ("0.01", 90), ("0.5", 90), ("1", 100), ("+Inf", 100))
} | {'sutazai_http_request_duration_seconds_bucket{path="/health",le="+Inf"}': "0+9000x80"}
TASKS = {
    f'sutazai_tasks_total{{instance="{backend}",status="{status}"}}': f"0+{count * STEP}x80"
    for backend in ("backend", "backend-2")
    for status, count in (("submitted", 3), ("done", 1.5), ("failed", 0.5), ("requeued", 9))
}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recording")
    (folder / "recording.yml").write_text(rendered_stack()["prometheus-recording"])
    return folder


@pytest.mark.parametrize(
    ("series", "asked", "expected"),
    [
        pytest.param(USE, "sutazai:pool_memory_bytes:sum", {'pool="web"': 325 * MIB, 'pool="data"': 150 * MIB}),
        pytest.param(USE, "sutazai:stack_cpu_cores:rate5m", {"": 1.25}),
        # a leaves 75 of 100 and b none, though together they use more than they request.
        pytest.param(
            USE, "round(sutazai:pool_memory_waste:ratio, 0.001)", {'pool="web"': 0.375, 'pool="data"': 0.25}
        ),
        pytest.param(USE, "round(sutazai:stack_memory_waste:ratio, 0.0001)", {"": 0.3125}),
        pytest.param(USE, "sutazai:stack_cpu_waste:ratio", {"": 0.5}),
        pytest.param(
            USE,
            'sum by (name) (sutazai:container_memory_of_limit:ratio{name=~"a|b"})',
            {'name="a"': 0.025, 'name="b"': 0.3},
        ),
        pytest.param(USE, "sum by (name) (sutazai:container_cpu_of_cores:ratio) > 0.4", {'name="b"': 0.5}),
        pytest.param(ANSWERS, "round(sutazai:http_request_seconds:p50_5m, 0.0001)", {"": 0.0078}),
        pytest.param(ANSWERS, "sutazai:http_request_seconds:p95_5m", {"": 0.75}),
        pytest.param(ANSWERS, "sutazai:http_request_seconds:p99_5m", {"": 0.95}),
        pytest.param(TASKS, "sutazai:tasks_ended:rate5m", {"": 4}),
        pytest.param(TASKS, "sutazai:task_completion:ratio", {"": 0.75}),
        pytest.param({}, "sutazai:queue_depth:sum", {"": 0}),
        pytest.param(
            {
                'probe_success{service="gateway",instance="a"}': "1x80",
                'probe_success{service="gateway",instance="b"}': "0x80",
            },
            "sutazai:availability:ratio",
            {'service="gateway"': 0.5},
        ),
    ],
)
def test_what_is_recorded(
    rules: Path,
    request: pytest.FixtureRequest,
    series: dict[str, str],
    asked: str,
    expected: dict[str, float],
) -> None:
    recorded = f'__name__="{asked}"' if asked.startswith("sutazai:") else ""
    samples = [
        {"labels": f"{{{','.join(filter(None, (recorded, labels)))}}}", "value": value}
        for labels, value in expected.items()
    ]
    case = {
        "interval": f"{STEP}s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": asked, "eval_time": "20m", "exp_samples": samples}],
    }
    document = {"rule_files": ["recording.yml"], "evaluation_interval": f"{STEP}s", "tests": [case]}
    (rules / "test.yml").write_text(yaml.safe_dump(document))
    tools = DebianTools(request.config.cache.mkdir("debian-tools"))
    tested = tools.run("promtool", "test", "rules", str(rules / "test.yml"))
    assert tested.returncode == 0, tested.stdout


def test_every_question_of_the_key_figures_is_one(rules: Path, request: pytest.FixtureRequest) -> None:
    asked = [
        figure.question.format(w="1h") for figures in FIGURES.values() for figure in figures if figure.question
    ]
    written = [{"record": f"question_{number}", "expr": question} for number, question in enumerate(asked)]
    (rules / "questions.yml").write_text(yaml.safe_dump({"groups": [{"name": "kpi", "rules": written}]}))
    tools = DebianTools(request.config.cache.mkdir("debian-tools"))
    checked = tools.run("promtool", "check", "rules", str(rules / "questions.yml"))
    assert checked.returncode == 0, checked.stdout
    assert f"{len(asked)} rules found" in checked.stdout
