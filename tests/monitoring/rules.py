"""The rules and dashboards in monitoring/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "monitoring/prometheus"
RULE_FILES = sorted(FOLDER.glob("*_rules.yml"))
TEST_FILES = sorted((FOLDER / "tests").glob("*.yml"))
DASHBOARD_FILES = sorted((FOLDER.parent / "grafana").glob("*.json"))


def load_rules() -> list[dict[str, Any]]:
    """Return all rules."""
    groups = [group for path in RULE_FILES for group in yaml.safe_load(path.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def dashboard_queries() -> list[str]:
    """Return the queries of all panels."""
    panels = [panel for path in DASHBOARD_FILES for panel in json.loads(path.read_text())["panels"]]
    return [target["expr"] for panel in panels for target in panel["targets"]]
