"""Matrix queries: nested parameters as Rack parses them, validated before they are run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from broker.database import Database
from broker.domain.matrix import LATEST_BY_KEYS, VersionFilter
from broker.domain.query_keys import find_key_errors, find_repetition_errors
from broker.domain.validation import MAX_LIST_LENGTH
from broker.errors import InvalidRequestError
from broker.services.matrix import MatrixQuery, QuerySelector
from broker.store import environments, pacticipants
from broker.web import parse_positive_integer

# Rack accepts `q[]name` as well as `q[][name]`
NESTED_PARAMETER = re.compile(r"(q|ignore)\[\]\[?(\w+)\]?")
SELECTOR_FIELDS = ("pacticipant", "version", "branch", "tag", "latest", "mainBranch", "environment")
IGNORE_FIELDS = ("pacticipant", "version")
FLAT_KEYS = ("latestby", "latest", "tag", "environment", "mainBranch", "limit", "days", "rules")
NAMING_KEYS = {"environment", "tag"}
KNOWN_KEYS = (
    *FLAT_KEYS,
    "success",
    "success[]",
    *(f"q[][{field}]" for field in SELECTOR_FIELDS),
    *(f"ignore[][{field}]" for field in IGNORE_FIELDS),
)
SUCCESS_VALUES = {"true": True, "false": False, "": None}

Selectors = list[dict[str, str]]


def parse_matrix_query(db: Database, pairs: Sequence[tuple[str, str]]) -> MatrixQuery:
    """Return the query of a URL's parameters.

    Raises:
        InvalidRequestError: The query is not valid; all errors are listed.
    """
    nested, flat, success = _group_parameters(pairs)
    errors: list[str] = []
    if not nested["q"]:
        errors.append("no pacticipant is given: ask with q[][pacticipant]=NAME&q[][version]=NUMBER")
    if max(len(group) for group in nested.values()) > MAX_LIST_LENGTH:
        raise InvalidRequestError([f"a query can have at most {MAX_LIST_LENGTH} selectors"])
    errors += _find_key_errors(nested, flat) + _find_repeated_pacticipants(nested["q"])
    # of two environments, the answer would be about one
    repetitions = find_repetition_errors(key for key, _ in pairs if key in FLAT_KEYS)
    errors += [f"{key} {message}" for key, messages in repetitions.items() for message in messages]
    errors += [message for fields in (flat, *nested["q"]) for message in _find_flag_errors(fields)]
    selectors = [_parse_selector(db, fields, errors) for fields in nested["q"]]
    if any("pacticipant" not in fields for fields in nested["ignore"]):
        errors.append("an ignore without a pacticipant: write ignore[][pacticipant]=NAME")
    errors += _find_option_errors(db, flat, success)
    if errors:
        raise InvalidRequestError(list(dict.fromkeys(errors)))
    return MatrixQuery(
        selectors=[selector for selector in selectors if selector],
        inferred_filter=_inferred_filter(flat),
        ignored=[(fields["pacticipant"], fields.get("version")) for fields in nested["ignore"]],
        latestby=flat.get("latestby"),
        success=frozenset(SUCCESS_VALUES[value] for value in success) or None,
        # no default: the official broker's 100 drops rows before the decision
        limit=parse_positive_integer(flat["limit"]) if "limit" in flat else None,
    )


def check_values(pairs: Iterable[tuple[str, str]]) -> None:
    """Raise InvalidRequestError if a parameter that names something is empty; the official broker leaves it out."""
    empty = [
        key for key, value in pairs if not value and (key in NAMING_KEYS or NESTED_PARAMETER.fullmatch(key))
    ]
    if empty:
        # a shell variable that is not set must not make another question
        raise InvalidRequestError([f"{key} is empty: give a value, or leave it out" for key in empty])


def _group_parameters(
    pairs: Iterable[tuple[str, str]],
) -> tuple[dict[str, Selectors], dict[str, str], list[str]]:
    """Return nested selectors (a repeated key starts the next one), the last value of each flat key, all `success` values."""
    nested: dict[str, Selectors] = {"q": [], "ignore": []}
    flat: dict[str, str] = {}
    success: list[str] = []
    for key, value in pairs:
        match = NESTED_PARAMETER.fullmatch(key)
        if match:
            group, field = nested[match[1]], match[2]
            if not group or field in group[-1]:
                group.append({})
            group[-1][field] = value
        elif key in {"success[]", "success"}:
            success.append(value)
        # an unknown key is an error also without a value
        elif value or key not in FLAT_KEYS:
            flat[key] = value
    without_empty = {
        name: [
            {key: value for key, value in fields.items() if value or key not in SELECTOR_FIELDS}
            for fields in group
        ]
        for name, group in nested.items()
    }
    return without_empty, flat, success


def _find_key_errors(nested: Mapping[str, Selectors], flat: Mapping[str, str]) -> list[str]:
    # the official broker ignores an unknown key, so that a misspelled one asks about all versions
    keys = [key for key in flat if key not in FLAT_KEYS]
    for group, known in (("q", SELECTOR_FIELDS), ("ignore", IGNORE_FIELDS)):
        keys += [f"{group}[][{field}]" for fields in nested[group] for field in fields if field not in known]
    return [message for messages in find_key_errors(keys, KNOWN_KEYS).values() for message in messages]


def _find_repeated_pacticipants(selectors: Selectors) -> list[str]:
    counts = Counter(fields["pacticipant"] for fields in selectors if "pacticipant" in fields)
    return [
        f"pacticipant {name} is given {count} times: ask about each of its versions in a query of its own"
        for name, count in counts.items()
        if count > 1
    ]


def _find_flag_errors(fields: Mapping[str, str]) -> list[str]:
    return [
        f"{key} must be true or false, not '{fields[key][:100]}'"
        for key in ("latest", "mainBranch")
        if fields.get(key, "true") not in {"true", "false"}
    ]


def _parse_selector(db: Database, fields: Mapping[str, str], errors: list[str]) -> QuerySelector | None:
    name = fields.get("pacticipant")
    pacticipant = pacticipants.find_by_name(db, name) if name else None
    if name is None:
        errors.append("a selector has no pacticipant: write q[][pacticipant]=NAME before its version")
    elif pacticipant is None:
        errors.append(f"Pacticipant {name} not found")
    if "version" in fields and fields.get("latest") == "true":
        errors.append("a selector can have a version or latest=true, not both")
    errors += _find_environment_errors(db, fields)
    return QuerySelector(pacticipant, _version_filter(fields)) if pacticipant else None


def _find_option_errors(db: Database, flat: Mapping[str, str], success: Iterable[str]) -> list[str]:
    errors = []
    targets = [name for name in ("tag", "environment") if name in flat]
    targets += ["mainBranch"] if flat.get("mainBranch") == "true" else []
    if len(targets) > 1:
        errors.append(
            f"only one of tag, environment and mainBranch can be given, not {' and '.join(targets)}"
        )
    if flat.get("latest") == "true" and "environment" in flat:
        errors.append("latest=true cannot be combined with an environment")
    errors += _find_environment_errors(db, flat)
    if flat.get("latestby") not in {None, *LATEST_BY_KEYS}:
        errors.append(f"latestby must be one of {', '.join(LATEST_BY_KEYS)}, not '{flat['latestby']}'")
    if "limit" in flat and parse_positive_integer(flat["limit"]) is None:
        errors.append("limit must be an integer of at least 1")
    if not set(success) <= set(SUCCESS_VALUES):
        errors.append("success must be true, false or empty")
    return errors


def _find_environment_errors(db: Database, fields: Mapping[str, Any]) -> list[str]:
    name = fields.get("environment")
    if name is None or environments.find_by_name(db, name):
        return []
    known = ", ".join(row["name"] for row in environments.list_all(db))
    return [f"Environment with name '{name}' does not exist: existing environments are {known}"]


def _version_filter(fields: Mapping[str, str]) -> VersionFilter:
    return VersionFilter(
        number=fields.get("version"),
        branch=fields.get("branch"),
        tag=fields.get("tag"),
        environment=fields.get("environment"),
        main_branch=fields.get("mainBranch") == "true",
        latest=fields.get("latest") == "true",
    )


def _inferred_filter(flat: Mapping[str, str]) -> VersionFilter | None:
    keys = ("tag", "environment", "mainBranch", "latest")
    version_filter = _version_filter({key: flat[key] for key in keys if key in flat})
    return None if version_filter.is_empty else version_filter
