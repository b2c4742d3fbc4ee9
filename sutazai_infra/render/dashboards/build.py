"""A page as Grafana's JSON, by Grafana's own SDK. Imported by the renderer alone: the SDK takes its time."""

from __future__ import annotations

import json
from collections.abc import Callable

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as commons
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import prometheus as prometheuses

from sutazai_infra.render.dashboards.page import SOURCE, Draw, Page, Panel, Unit

__all__ = ["built"]

_HEIGHT = 8
_NOW = "lastNotNull"
_Drawing = timeseries.Panel | stat.Panel | bargauge.Panel | table.Panel | statetimeline.Panel


def built(page: Page) -> str:
    """Write the dashboard as JSON; its text follows from the page alone."""
    builder = (
        dashboard.Dashboard(f"SutazAI: {page.title}")
        .uid(f"sutazai-{page.name}")
        .tags(["sutazai"])
        .readonly()
        .refresh("30s")
        .time("now-6h", "now")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(dashboard.DashboardLink("Others").type(models.DashboardLinkType.DASHBOARDS).tags(["sutazai"]))
    )
    for title, panels in page.sections.items():
        builder.with_row(dashboard.Row(title))
        for panel in panels:
            builder.with_panel(_panel(panel))
    return _numbered(json.dumps(builder.build(), cls=JSONEncoder))


def _numbered(text: str) -> str:
    """Give each panel its number, which Grafana would give it otherwise, and differently each time."""
    document = json.loads(text)
    for number, panel in enumerate(document["panels"], 1):
        panel["id"] = number
    return json.dumps(document, indent=2) + "\n"


def _panel(panel: Panel) -> _Drawing:
    made = _MAKERS[panel.draw]()
    made.title(panel.title).description(panel.description).datasource(_source())
    made.height(_HEIGHT).span(panel.width).unit(panel.unit.value).min(0).thresholds(_thresholds(panel))
    if panel.draw is Draw.BARS and panel.unit is Unit.SHARE:
        made.max(1)
    for number, (expression, legend) in enumerate(panel.queries.items()):
        made.with_target(_query(panel, chr(ord("A") + number), expression, legend))
    return made


def _query(panel: Panel, name: str, expression: str, legend: str) -> prometheus.Dataquery:
    query = prometheus.Dataquery().ref_id(name).datasource(_source()).expr(expression).legend_format(legend)
    if panel.draw is Draw.TABLE:
        return query.instant().format(prometheuses.PromQueryFormat.TABLE)
    return query.instant() if panel.draw is Draw.BARS else query.range()


def _source() -> models.DataSourceRef:
    return models.DataSourceRef(type_val="prometheus", uid=SOURCE)


def _thresholds(panel: Panel) -> dashboard.ThresholdsConfig:
    steps = [models.Threshold(color="green", value=None)]
    if panel.most is not None:
        steps.append(models.Threshold(color="red", value=panel.most))
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def _lines() -> timeseries.Panel:
    line = common.GraphThresholdsStyleConfig().mode(commons.GraphThresholdsStyleMode.LINE)
    return timeseries.Panel().thresholds_style(line).line_width(1).fill_opacity(10)


def _stacked() -> timeseries.Panel:
    stacking = common.StackingConfig().mode(commons.StackingMode.NORMAL)
    return timeseries.Panel().stacking(stacking).line_width(1).fill_opacity(30)


def _bars() -> bargauge.Panel:
    horizontal = commons.VizOrientation.HORIZONTAL
    return bargauge.Panel().orientation(horizontal).reduce_options(_now())


def _number() -> stat.Panel:
    return stat.Panel().reduce_options(_now())


def _now() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs([_NOW])


_MAKERS: dict[Draw, Callable[[], _Drawing]] = {
    Draw.LINES: _lines,
    Draw.STACKED: _stacked,
    Draw.STATES: statetimeline.Panel,
    Draw.BARS: _bars,
    Draw.NUMBER: _number,
    Draw.TABLE: table.Panel,
}
