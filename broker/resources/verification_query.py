"""The query of the former GET form of pacts-for-verification, as the body of the POST form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from broker.domain.query_keys import find_key_errors, find_repetition_errors
from broker.errors import InvalidRequestError

SELECTOR_PREFIXES = ("consumer_version_selectors[][", "consumer_version_selectors[")
SELECTOR_KEYS = {
    "tag": "tag",
    "latest": "latest",
    "fallback_tag": "fallbackTag",
    "consumer": "consumer",
    "branch": "branch",
    "main_branch": "mainBranch",
    "environment": "environment",
    "deployed": "deployed",
    "released": "released",
    "deployed_or_released": "deployedOrReleased",
    "matching_branch": "matchingBranch",
    "fallback_branch": "fallbackBranch",
}
FIELDS = {
    "provider_version_branch": "providerVersionBranch",
    "include_pending_status": "includePendingStatus",
    "include_wip_pacts_since": "includeWipPactsSince",
}
TAG_KEYS = ("provider_version_tags[]", "provider_version_tags")
KNOWN_KEYS = (
    *FIELDS, *TAG_KEYS, "rules", *(f"consumer_version_selectors[][{key}]" for key in SELECTOR_KEYS),
)  # fmt: skip
BOOLEANS = {"true": True, "false": False}


def parse_verification_query(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the body that means the same as a query.

    Raises:
        InvalidRequestError: A key is not known, or one that has a single value is given several times.
    """
    body: dict[str, Any] = {}
    unknown: list[str] = []
    for key, text in pairs:
        value = BOOLEANS.get(text, text)
        if key in TAG_KEYS:
            body.setdefault("providerVersionTags", []).append(text)
        elif key in FIELDS:
            body[FIELDS[key]] = value
        elif (name := _selector_key(key)) is not None:
            _add_to_selectors(body.setdefault("consumerVersionSelectors", []), name, value)
        else:
            unknown.append(key)
    repetitions = find_repetition_errors(key for key, _ in pairs if key in FIELDS)
    if errors := find_key_errors(unknown, KNOWN_KEYS) | repetitions:
        raise InvalidRequestError(errors)
    return body


def _selector_key(key: str) -> str | None:
    for prefix in SELECTOR_PREFIXES:
        if key.startswith(prefix) and key.endswith("]"):
            return SELECTOR_KEYS.get(key.removeprefix(prefix).removesuffix("]"))
    return None


def _add_to_selectors(selectors: list[dict[str, Any]], name: str, value: object) -> None:
    # a key seen again starts the next selector, as Rack groups nested parameters
    if not selectors or name in selectors[-1]:
        selectors.append({})
    selectors[-1][name] = value
