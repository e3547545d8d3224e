"""Every route has a scenario."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.app import create_app
from orchestrator.calls.events import InteractionType
from orchestrator.settings import load_settings
from performance.http_client import MeasurementError
from performance.scenarios import SCENARIOS, check_coverage, select
from tests.orchestrator.dummy_settings import DUMMY_VENDOR_SETTINGS


@pytest.fixture
def document() -> dict[str, Any]:
    """The service's OpenAPI document."""
    return create_app(load_settings({**DUMMY_VENDOR_SETTINGS, "ENVIRONMENT": "test"})).openapi()


def test_every_route_of_the_service_is_measured(document: dict[str, Any]) -> None:
    """The document is the service's own."""
    check_coverage(document)


def test_new_route_without_a_scenario_is_an_error(document: dict[str, dict[str, Any]]) -> None:
    """The message names the route."""
    document["paths"]["/new"] = {"parameters": [], "patch": {}}

    with pytest.raises(MeasurementError, match="no scenario for PATCH /new"):
        check_coverage(document)


def test_every_kind_of_interaction_is_measured() -> None:
    """They share one route, so the document alone does not tell them apart."""
    names = {scenario.name for scenario in SCENARIOS}

    assert {f"call.interaction {kind}" for kind in InteractionType} <= names
    assert {"call.started", "call.ended"} <= names


def test_names_are_unique() -> None:
    """Values are stored by name."""
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


def test_unknown_endpoint_is_named_with_the_known_ones() -> None:
    """Otherwise a misspelled name would measure nothing."""
    with pytest.raises(MeasurementError, match=r"'GET /health': there are GET /healthz"):
        select(["GET /health"])
