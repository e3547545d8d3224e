"""Matrix queries: nested as Rack nests them, and checked before anything is looked up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from broker.database import Database
from broker.domain.can_i_deploy import LATEST_BY_KEYS
from broker.errors import BrokerHTTPError
from broker.services.matrix import MatrixQuery, QuerySelector
from broker.store import environments, pacticipants
from broker.store.matrix import VersionFilter

NESTED_PARAMETER = re.compile(r"(q|ignore)\[\]\[?(\w+)\]?")
SELECTOR_FIELDS = ("pacticipant", "version", "branch", "tag", "latest", "mainBranch", "environment")
SUCCESS_VALUES = {"true": True, "false": False, "": None}


def parse_matrix_query(db: Database, pairs: Iterable[tuple[str, str]]) -> MatrixQuery:
    """The question a query asks.

    Raises:
        Refused: 400, with everything that is wrong.
    """
    nested, flat, success = _collect(pairs)
    errors: list[str] = []
    if not nested["q"]:
        errors.append("no pacticipant is given: ask with q[][pacticipant]=NAME&q[][version]=NUMBER")
    for selector in nested["q"]:
        errors += _wrong_selector(db, selector)
    errors += [
        "an ignore without a pacticipant: write ignore[][pacticipant]=NAME"
        for one in nested["ignore"]
        if "pacticipant" not in one
    ]
    errors += _wrong_options(db, flat, success)
    if errors:
        raise BrokerHTTPError(400, {"errors": list(dict.fromkeys(errors))})
    return MatrixQuery(
        selectors=[_asked(db, selector) for selector in nested["q"]],
        inferred_filter=_others(flat),
        ignored=[(one["pacticipant"], one.get("version")) for one in nested["ignore"]],
        latestby=flat.get("latestby"),
        success=frozenset(SUCCESS_VALUES[value] for value in success) or None,
        limit=int(flat["limit"]) if "limit" in flat else None,
    )


Selectors = list[dict[str, str]]


def _collect(pairs: Iterable[tuple[str, str]]) -> tuple[dict[str, Selectors], dict[str, str], list[str]]:
    """Nested selectors, where a key seen again starts the next one; the last of each flat key; all of `success`."""
    nested: dict[str, Selectors] = {"q": [], "ignore": []}
    flat: dict[str, str] = {}
    success: list[str] = []
    for key, value in pairs:
        found = NESTED_PARAMETER.fullmatch(key)
        if found:
            group, name = nested[found[1]], found[2]
            if not group or name in group[-1]:
                group.append({})
            group[-1][name] = value
        elif key in {"success[]", "success"}:
            success.append(value)
        elif value:
            flat[key] = value
    cleaned = {
        name: [{key: value for key, value in selector.items() if value} for selector in group]
        for name, group in nested.items()
    }
    return cleaned, flat, success


def _wrong_selector(db: Database, selector: Mapping[str, str]) -> list[str]:
    errors = [
        f"a selector has no '{key}': there are {', '.join(SELECTOR_FIELDS)}"
        for key in selector
        if key not in SELECTOR_FIELDS
    ]
    name = selector.get("pacticipant")
    if name is None:
        errors.append("a selector has no pacticipant: write q[][pacticipant]=NAME before its version")
    elif pacticipants.find_by_name(db, name) is None:
        errors.append(f"Pacticipant {name} not found")
    if "version" in selector and selector.get("latest") == "true":
        errors.append("a selector can have a version or latest=true, not both")
    errors += _wrong_environment(db, selector)
    return errors


def _wrong_options(db: Database, flat: Mapping[str, str], success: Iterable[str]) -> list[str]:
    errors = []
    targets = [name for name in ("tag", "environment") if name in flat]
    targets += ["mainBranch"] if flat.get("mainBranch") == "true" else []
    if len(targets) > 1:
        errors.append(
            f"only one of tag, environment and mainBranch can be given, not {' and '.join(targets)}"
        )
    if flat.get("latest") == "true" and "environment" in flat:
        errors.append("latest=true cannot be combined with an environment")
    errors += _wrong_environment(db, flat)
    if flat.get("latestby") not in {None, *LATEST_BY_KEYS}:
        errors.append(f"latestby should be one of {', '.join(LATEST_BY_KEYS)}, it is '{flat['latestby']}'")
    if "limit" in flat and not (flat["limit"].isdecimal() and int(flat["limit"]) >= 1):
        errors.append("limit should be a whole number of at least 1")
    if not set(success) <= set(SUCCESS_VALUES):
        errors.append("success should be true, false or empty")
    return errors


def _wrong_environment(db: Database, fields: Mapping[str, Any]) -> list[str]:
    name = fields.get("environment")
    if name is None or environments.by_name(db, name):
        return []
    known = ", ".join(row["name"] for row in environments.list_all(db))
    return [f"Environment with name '{name}' does not exist: there are {known}"]


def _asked(db: Database, selector: Mapping[str, str]) -> QuerySelector:
    pacticipant = pacticipants.find_by_name(db, selector["pacticipant"])
    if pacticipant is None:
        raise LookupError(selector["pacticipant"])
    return QuerySelector(pacticipant, _criteria(selector))


def _criteria(fields: Mapping[str, str]) -> VersionFilter:
    return VersionFilter(
        number=fields.get("version"),
        branch=fields.get("branch"),
        tag=fields.get("tag"),
        environment=fields.get("environment"),
        main_branch=fields.get("mainBranch") == "true",
        latest=fields.get("latest") == "true",
    )


def _others(flat: Mapping[str, str]) -> VersionFilter | None:
    keys = ("tag", "environment", "mainBranch", "latest")
    found = _criteria({key: flat[key] for key in keys if key in flat})
    return None if found.is_empty else found
