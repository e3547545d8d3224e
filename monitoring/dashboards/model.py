"""Dashboards and panels as data, and their form in Grafana's dashboard JSON (schema version 41, Grafana 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

SCHEMA_VERSION = 41
COLUMNS = 24
PANEL_HEIGHT = 8
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
GREEN_RED = ({"color": "red", "value": None}, {"color": "green", "value": 1})
"""Colours of a value that should be 1."""


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL expression and the legend of its series, such as `{{route}}`."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel.

    Args:
        title: what it shows.
        description: how to read it.
        queries: its series.
        unit: Grafana's name of the unit.
        kind: the visualization: series over time, current values, or a table of them.
        width: of the 24 columns.
        thresholds: colours of current values, by their lower limits.
    """

    title: str
    description: str
    queries: tuple[Query, ...]
    unit: str = "short"
    kind: Literal["timeseries", "stat", "table"] = "timeseries"
    width: int = 12
    thresholds: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard.

    Args:
        uid: its identity in Grafana, part of its address.
        title: its name.
        description: what it is for.
        panels: from left to right and from top to bottom.
        period: the time range that it opens with.
    """

    uid: str
    title: str
    description: str
    panels: tuple[Panel, ...]
    period: str


def render_dashboard(dashboard: Dashboard) -> dict[str, Any]:
    """Return the dashboard in Grafana's format."""
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": ["voicehive"],
        "timezone": "browser",
        "editable": False,
        "graphTooltip": 1,
        "refresh": "1m",
        "schemaVersion": SCHEMA_VERSION,
        "time": {"from": f"now-{dashboard.period}", "to": "now"},
        "templating": {"list": [_datasource_variable()]},
        "panels": _render_panels(dashboard.panels),
    }


def _datasource_variable() -> dict[str, Any]:
    return {"type": "datasource", "name": "datasource", "label": "Prometheus", "query": "prometheus"}


def _render_panels(panels: Sequence[Panel]) -> list[dict[str, Any]]:
    rendered = []
    column = row = 0
    for number, panel in enumerate(panels, start=1):
        if column + panel.width > COLUMNS:
            column, row = 0, row + PANEL_HEIGHT
        position = {"x": column, "y": row, "w": panel.width, "h": PANEL_HEIGHT}
        rendered.append(_render_panel(panel, number, position))
        column += panel.width
    return rendered


def _render_panel(panel: Panel, number: int, position: dict[str, int]) -> dict[str, Any]:
    defaults: dict[str, Any] = {"unit": panel.unit}
    if panel.thresholds:
        defaults["thresholds"] = {"mode": "absolute", "steps": [*panel.thresholds]}
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": DATASOURCE,
        "gridPos": position,
        "targets": [_render_query(panel, query, index) for index, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": _options(panel),
    }


def _render_query(panel: Panel, query: Query, index: int) -> dict[str, Any]:
    target: dict[str, Any] = {
        "refId": chr(ord("A") + index),
        "datasource": DATASOURCE,
        "expr": query.expr,
        "legendFormat": query.legend,
        "range": panel.kind == "timeseries",
        "instant": panel.kind != "timeseries",
    }
    return target | ({"format": "table"} if panel.kind == "table" else {})


def _options(panel: Panel) -> dict[str, Any]:
    if panel.kind == "timeseries":
        return {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
            "tooltip": {"mode": "multi", "sort": "desc"},
        }
    if panel.kind == "stat":
        return {
            "reduceOptions": {"values": False, "calcs": ["lastNotNull"], "fields": ""},
            "colorMode": "background" if panel.thresholds else "none",
            "textMode": "auto",
        }
    return {"showHeader": True, "cellHeight": "sm"}
