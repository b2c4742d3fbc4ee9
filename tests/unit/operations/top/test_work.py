"""The one question to Prometheus, and its answer."""

from __future__ import annotations

import re

from sutazai_infra.operations.prometheus import Series
from sutazai_infra.operations.top.work import QUESTION, Work, work


def test_every_figure_is_asked_for_once() -> None:
    assert sorted(re.findall(r'"figure", "(\w+)"', QUESTION)) == sorted(Work.model_fields)


def test_what_is_not_answered_is_not_known() -> None:
    answer = [Series(labels={"figure": "queued"}, value=3), Series(labels={"figure": "task_p95"}, value=0.25)]
    assert work(answer) == Work(queued=3, task_p95=0.25)
