"""All configuration files of a stack: renderer name -> text, as the catalogue's `configs` name them."""

from __future__ import annotations

from collections.abc import Mapping

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.plan import Plan
from sutazai_infra.model.settings import Settings
from sutazai_infra.render.alertmanager import alertmanager
from sutazai_infra.render.alerts import alerts
from sutazai_infra.render.blackbox import blackbox
from sutazai_infra.render.dashboards.renderers import DASHBOARDS
from sutazai_infra.render.engine_proxy import engine_proxy
from sutazai_infra.render.grafana import dashboards, datasources
from sutazai_infra.render.haproxy import haproxy
from sutazai_infra.render.pgbouncer import pgbouncer
from sutazai_infra.render.plan_facts import plan_facts
from sutazai_infra.render.recording import recording
from sutazai_infra.render.scraping import prometheus
from sutazai_infra.render.view import Renderer, View

__all__ = ["RENDERERS", "render_configs"]

RENDERERS: Mapping[str, Renderer] = {
    "alertmanager": alertmanager,
    "blackbox": blackbox,
    "engine-proxy": engine_proxy,
    **DASHBOARDS,
    "grafana-dashboards": dashboards,
    "grafana-datasources": datasources,
    "haproxy": haproxy,
    "pgbouncer": pgbouncer,
    "plan-facts": plan_facts,
    "prometheus": prometheus,
    "prometheus-alerts": alerts,
    "prometheus-recording": recording,
}


def render_configs(plan: Plan, catalogue: Catalogue, settings: Settings) -> dict[str, str]:
    """Render what the plan's residents name; raises `SutazaiError` for a renderer that doesn't exist."""
    texts: dict[str, str] = {}
    for name in dict.fromkeys(row.name for row in plan.residents):
        service = catalogue.service(name)
        view = View(service, plan, catalogue, settings)
        for renderer in service.configs.values():
            if renderer not in RENDERERS:
                raise SutazaiError(f"services/{name}/configs: no renderer {renderer!r} yet; disable the service")
            texts[renderer] = RENDERERS[renderer](view)
    return texts
