"""A run's events become a comment: the ledger, what blocks, advice, and what passed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sutazai_policy.__main__ import main
from sutazai_policy.report import ReportError, markdown_report

_LEDGER = (
    "The ledger says what was checked.\n"
    "host: 2 containers request 5 of 10 cores and 9000 of 10000 MiB; at most 9500 of 10000 MiB\n"
    "pool tools: 0 containers request 0 of 0 cores and 0 of 2048 MiB\n"
    "exception: grafana from read-only-root until 2027-03-31 (unpacks plugins)\n"
)


def _event(rule: str, message: str, level: str = "mandatory", urn: str = "urn:pulumi:a::b::c::redis") -> Any:
    return {
        "policyEvent": {
            "policyName": rule,
            "enforcementLevel": level,
            "message": message,
            "resourceUrn": urn,
        }
    }


def _written(folder: Path, events: Sequence[Mapping[str, Any]], passed: Sequence[str] = ("a", "b")) -> Path:
    path = folder / "events.jsonl"
    summary = {"policyAnalyzeStackSummaryEvent": {"passed": list(passed), "failed": []}}
    lines = ["warning: what the engine says to people", *(json.dumps(one) for one in [*events, summary]), "[1]"]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_clean_run_is_the_ledger_and_what_passed(tmp_path: Path) -> None:
    assert markdown_report(_written(tmp_path, [_event("ledger", _LEDGER, "advisory")]), "prod") == (
        "### prod\n"
        "\n"
        "**Nothing breaks the budget or a rule.**\n"
        "\n"
        "| budget | what it holds | fullest |\n"
        "|---|---|---|\n"
        "| host | 2 containers request 5 of 10 cores and 9000 of 10000 MiB; at most 9500 of 10000 MiB"
        " | 95% of MiB |\n"
        "| pool tools | 0 containers request 0 of 0 cores and 0 of 2048 MiB | 0% of MiB |\n"
        "\n"
        "Exceptions:\n"
        "\n"
        "- grafana from read-only-root until 2027-03-31 (unpacks plugins)\n"
        "\n"
        "<details><summary>2 rules passed</summary>\n"
        "\n"
        "`a`, `b`\n"
        "\n"
        "</details>\n"
    )


def test_what_blocks_is_listed_by_rule_and_without_its_description(tmp_path: Path) -> None:
    events = [
        _event("root-user", "No root.\nredis runs as root: set user"),
        _event("host-budget", "It has to fit.\n9 of 8 cores: lower it"),
        _event("root-user", "No root.\nneo4j runs as root: set user"),
        _event("stateful-replacement", "Named.\npostgres will be replaced:\nits volume is data", "advisory"),
    ]

    assert markdown_report(_written(tmp_path, events, passed=()), "dev") == (
        "### dev\n"
        "\n"
        "**Blocked by 3 violations.**\n"
        "\n"
        "#### host-budget\n"
        "\n"
        "- 9 of 8 cores: lower it\n"
        "\n"
        "#### root-user\n"
        "\n"
        "- redis runs as root: set user\n"
        "- neo4j runs as root: set user\n"
        "\n"
        "#### Worth knowing\n"
        "\n"
        "- stateful-replacement: postgres will be replaced:\n"
        "  its volume is data\n"
    )


def test_one_violation_is_one(tmp_path: Path) -> None:
    assert "**Blocked by 1 violation.**" in markdown_report(_written(tmp_path, [_event("a", "b\nc")]), "x")


def test_many_violations_of_a_rule_are_cut_short(tmp_path: Path) -> None:
    events = [_event("root-user", f"No root.\nc{number} runs as root") for number in range(23)]

    lines = markdown_report(_written(tmp_path, events), "prod").splitlines()

    assert "- c19 runs as root" in lines
    assert "- c20 runs as root" not in lines
    assert "- and 3 more" in lines


def test_the_engines_colours_are_taken_out(tmp_path: Path) -> None:
    events = [_event("a-b", "<{%reset%}>What has to be.\nredis is not<{%reset%}>\n")]

    assert "- redis is not\n" in markdown_report(_written(tmp_path, events), "x")


def test_a_pipe_in_a_name_breaks_no_table(tmp_path: Path) -> None:
    events = [_event("ledger", "x\npool a|b: 1 of 2 cores | more", "advisory")]

    assert "| pool a\\|b | 1 of 2 cores \\| more | 50% of cores |" in markdown_report(
        _written(tmp_path, events), "x"
    )


def test_a_message_can_not_write_markup_of_its_own(tmp_path: Path) -> None:
    events = [_event("a-b", "x\n<img src=x> [link](http://evil) is a name")]

    assert "- &lt;img src=x&gt; \\[link\\](http://evil) is a name" in markdown_report(
        _written(tmp_path, events), "x"
    )


def test_events_without_a_pack_are_no_pass(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"sequence": 1}\n', encoding="utf-8")

    with pytest.raises(ReportError, match="holds no event of a policy pack: write it with"):
        markdown_report(path, "x")


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(tmp_path / "none")]) == 1
    assert "none: can't be read" in capsys.readouterr().err
    assert main(["report", str(_written(tmp_path, []))]) == 0
    assert capsys.readouterr().out.startswith("### Budget and policy\n")
