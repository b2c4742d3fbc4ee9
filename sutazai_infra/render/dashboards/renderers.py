"""The renderers of the dashboards, by the names that the catalogue's `configs` know them by."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sutazai_infra.render.dashboards.agents import AGENTS
from sutazai_infra.render.dashboards.budgets import BUDGETS
from sutazai_infra.render.dashboards.gateway import GATEWAY
from sutazai_infra.render.dashboards.host import HOST
from sutazai_infra.render.dashboards.objectives import OBJECTIVES
from sutazai_infra.render.dashboards.page import Page
from sutazai_infra.render.dashboards.services import SERVICES
from sutazai_infra.render.view import Renderer

__all__ = ["DASHBOARDS", "PAGES"]

PAGES = (HOST, BUDGETS, AGENTS, SERVICES, OBJECTIVES, GATEWAY)


def _renderer(page: Page) -> Renderer:
    @cache
    def text() -> str:
        from sutazai_infra.render.dashboards.build import built  # noqa: PLC0415  most stacks have no Grafana

        return built(page)

    return lambda _view: text()


DASHBOARDS: Mapping[str, Renderer] = {f"grafana-dashboard-{page.name}": _renderer(page) for page in PAGES}
