"""The dashboards: the committed JSON is the generated one, valid in Grafana's schema, and loads into a Grafana."""

from __future__ import annotations

import enum
import json
import os
import types
import typing
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitoring.dashboards.files import FOLDER, render_files
from monitoring.dashboards.model import COLUMNS
from tests.external_tools import require_module

FILES = sorted(FOLDER.glob("*.json"))
SDK = "grafana_foundation_sdk"


def test_committed_dashboards_are_the_generated_ones() -> None:
    """After a change: `python -m monitoring dashboards`."""
    assert {path: path.read_text() for path in FILES} == render_files()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_panels_do_not_overlap(path: Path) -> None:
    """Nor do they leave the grid, nor share an id."""
    panels = json.loads(path.read_text())["panels"]

    cells = [
        (x, y)
        for position in (panel["gridPos"] for panel in panels)
        for x in range(position["x"], position["x"] + position["w"])
        for y in range(position["y"], position["y"] + position["h"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < COLUMNS
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)


def issues(value: object, hint: Any, place: str) -> Iterator[str]:
    """Yield where a value of Grafana's model has another type than the model says."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any or hint is object:
        return
    if origin in {typing.Union, types.UnionType}:
        attempts = [list(issues(value, argument, place)) for argument in arguments]
        yield from min(attempts, key=len)
    elif origin is typing.Literal:
        yield from () if value in arguments else (f"{place}: {value!r}",)
    elif origin is list and isinstance(value, list):
        for index, item in enumerate(value):
            yield from issues(item, arguments[0], f"{place}[{index}]")
    elif origin is dict and isinstance(value, dict):
        for key, item in value.items():
            yield from issues(item, arguments[1], f"{place}.{key}")
    elif isinstance(hint, type) and issubclass(hint, enum.Enum):
        yield from () if value in [*hint] else (f"{place}: {value!r} is none of {[*hint]}",)
    elif not _is_instance(value, origin or hint):
        yield f"{place}: {value!r} is no {hint}"
    else:
        yield from model_issues(value, place)


def _is_instance(value: object, hint: Any) -> bool:
    # a whole number is a JSON number, and a boolean is none although Python counts it as one
    if isinstance(value, bool):
        return hint is bool
    return isinstance(value, (int, float) if hint is float else hint)


def model_issues(model: object, place: str) -> Iterator[str]:
    """Yield the same of all fields of an object of Grafana's model."""
    if type(model).__module__.startswith(SDK):
        for name, hint in typing.get_type_hints(type(model)).items():
            yield from issues(getattr(model, name), hint, f"{place}.{name}")


def to_plain(model: object) -> Any:
    """Return a model as the JSON that its encoder writes."""
    encoder = import_module(f"{SDK}.cog.encoder").JSONEncoder
    return json.loads(encoder(sort_keys=True).encode(model))


def unknown_to(expected: Any, decoded: Any, place: str) -> Iterator[str]:
    """Yield what Grafana's model dropped or changed while it read a document."""
    if isinstance(expected, dict) and isinstance(decoded, dict):
        for key, value in expected.items():
            if value is not None:
                yield from unknown_to(value, decoded.get(key), f"{place}.{key}")
    elif isinstance(expected, list) and isinstance(decoded, list) and len(expected) == len(decoded):
        for index, item in enumerate(expected):
            yield from unknown_to(item, decoded[index], f"{place}[{index}]")
    elif expected != decoded:
        yield f"{place}: {expected!r} became {decoded!r}"


def schema_issues(document: dict[str, Any]) -> list[str]:
    """Return where a dashboard is not one of Grafana's schema, as Grafana's own SDK has it.

    The SDK's decoder ignores unknown fields and types, so that the fields are compared and the types are checked.
    """
    models = import_module(f"{SDK}.models.dashboard")
    import_module(f"{SDK}.cog.plugins").register_default_plugins()
    dashboard = models.Dashboard.from_json(document)
    return [
        *unknown_to(document, to_plain(dashboard), "dashboard"),
        *model_issues(dashboard, "dashboard"),
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dashboard_is_valid_in_the_schema_of_grafana(path: Path) -> None:
    """Every field is known to Grafana and has its type, the options of panels and the queries included."""
    require_module(SDK, "grafana-foundation-sdk")

    assert schema_issues(json.loads(path.read_text())) == []


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        (lambda panel: panel.update(titel="x"), "dashboard.panels[0].titel: 'x' became None"),
        (lambda panel: panel["gridPos"].update(w="wide"), "dashboard.panels[0].grid_pos.w: 'wide' is no"),
        (lambda panel: panel["targets"][0].update(expression="x"), ".targets[0].expression: 'x' became None"),
        (lambda panel: panel["options"].update(colour="x"), ".options.colour: 'x' became None"),
        (
            lambda panel: panel["fieldConfig"]["defaults"].update(unit=1),
            ".field_config.defaults.unit: 1 is no",
        ),
    ],
    ids=["field", "type", "query", "options", "unit"],
)
def test_check_finds_what_grafana_does_not_know(change: Any, issue: str) -> None:
    """A misspelled field, a wrong type: Grafana would ignore it without a word."""
    require_module(SDK, "grafana-foundation-sdk")
    document = json.loads(FILES[0].read_text())
    change(document["panels"][0])

    assert any(issue in found for found in schema_issues(document))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dashboard_loads_into_grafana(path: Path) -> None:
    """Into the one of GRAFANA_URL (with GRAFANA_TOKEN), which returns the same panels."""
    url = os.environ.get("GRAFANA_URL")
    if not url:
        pytest.skip("NOT RUN: GRAFANA_URL is not set")
    document = json.loads(path.read_text())
    headers = (
        {"Authorization": f"Bearer {os.environ['GRAFANA_TOKEN']}"} if "GRAFANA_TOKEN" in os.environ else {}
    )

    with httpx.Client(base_url=url, headers=headers) as grafana:
        grafana.post("/api/dashboards/db", json={"dashboard": document, "overwrite": True}).raise_for_status()
        loaded = grafana.get(f"/api/dashboards/uid/{document['uid']}").raise_for_status().json()

    assert loaded["dashboard"]["panels"] == document["panels"]
