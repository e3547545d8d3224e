"""Consumer version selectors: their fields, and which fields can be combined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from broker.domain.query_keys import find_key_errors
from broker.domain.validation import find_list_error, find_name_error

KEYS = (
    "consumer", "tag", "fallbackTag", "latest", "deployedOrReleased", "deployed", "released", "environment",
    "mainBranch", "branch", "matchingBranch", "fallbackBranch",
)  # fmt: skip
BY_VERSION = {"latest", "tag", "fallbackTag", "branch", "fallbackBranch", "matchingBranch", "mainBranch"}
BY_ENVIRONMENT = {"environment", "deployed", "released", "deployedOrReleased"}
TRUE_ONLY_KEYS = ("mainBranch", "matchingBranch", "deployed", "released", "deployedOrReleased")
STRING_KEYS = ("consumer", "tag", "fallbackTag", "environment", "fallbackBranch")


@dataclass(frozen=True, slots=True)
class ConsumerVersionSelector:
    """One consumer version selector; `branch` is True for all branches."""

    consumer: str | None = None
    tag: str | None = None
    fallback_tag: str | None = None
    latest: bool | None = None
    deployed: bool = False
    released: bool = False
    environment: str | None = None
    main_branch: bool = False
    branch: str | bool | None = None
    fallback_branch: str | None = None


def parse_selectors(
    items: Any, provider_branch: str | None, environments: set[str]
) -> tuple[list[ConsumerVersionSelector], list[str]]:
    """Return the valid selectors, and the errors of all others with their index."""
    if items is None:
        return [], []
    if not isinstance(items, list):
        return [], ["consumerVersionSelectors must be a list of objects"]
    if message := find_list_error(items):
        return [], [message]
    errors: list[str] = []
    selectors: list[ConsumerVersionSelector] = []
    for index, item in enumerate(items):
        messages = list(_find_errors(item, provider_branch, environments))
        errors += [f"{message} (at index {index})" for message in messages]
        if not messages:
            selectors.append(_parse_selector(item, provider_branch))
    return selectors, errors


def _parse_selector(item: dict[str, Any], provider_branch: str | None) -> ConsumerVersionSelector:
    # an environment alone means deployed or released there
    deployed_or_released = bool(item.get("deployedOrReleased")) or (
        item.keys() & BY_ENVIRONMENT == {"environment"}
    )
    return ConsumerVersionSelector(
        consumer=item.get("consumer"),
        tag=item.get("tag"),
        fallback_tag=item.get("fallbackTag"),
        latest=item.get("latest"),
        deployed=deployed_or_released or bool(item.get("deployed")),
        released=deployed_or_released or bool(item.get("released")),
        environment=item.get("environment"),
        main_branch=bool(item.get("mainBranch")),
        branch=provider_branch if item.get("matchingBranch") else item.get("branch"),
        fallback_branch=item.get("fallbackBranch"),
    )


def _find_errors(item: Any, provider_branch: str | None, environments: set[str]) -> Iterator[str]:
    if not isinstance(item, dict):
        yield "a selector must be an object"
        return
    keys = {key for key in KEYS if item.get(key) is not None}
    # the official broker ignores an unknown key, so that a misspelled one selects other pacts
    unknown = find_key_errors(item, KEYS, "key")
    yield from (message for messages in unknown.values() for message in messages)
    yield from _find_type_errors(item, keys)
    if not keys - {"consumer"} and not unknown:
        yield "a selector needs at least one of latest, tag, branch, mainBranch, matchingBranch, deployed, released, deployedOrReleased or environment"
    if keys & BY_VERSION and keys & BY_ENVIRONMENT:
        yield f"{_join(keys & BY_VERSION)} cannot be combined with {_join(keys & BY_ENVIRONMENT)}"
    if len(keys & {"deployed", "released", "deployedOrReleased"}) > 1:
        yield "only one of deployed, released and deployedOrReleased can be given"
    environment = item.get("environment")
    if isinstance(environment, str) and environment not in environments:
        yield f"there is no environment '{environment}': existing environments are {_join(environments)}"
    yield from _find_branch_errors(item, keys, provider_branch)


def _find_type_errors(item: dict[str, Any], keys: set[str]) -> Iterator[str]:
    for key in TRUE_ONLY_KEYS:
        if key in keys and item[key] is not True:
            yield f"{key} can only be true"
    for key in STRING_KEYS:
        if key in keys and not _is_text(item[key]):
            yield f"{key} must be a string that is not blank"
    if "latest" in keys and not isinstance(item["latest"], bool):
        yield "latest must be true or false"
    if "branch" in keys and item["branch"] is not True and not _is_text(item["branch"]):
        yield "branch must be a string that is not blank, or true"


def _find_branch_errors(item: dict[str, Any], keys: set[str], provider_branch: str | None) -> Iterator[str]:
    if "mainBranch" in keys and keys - {"mainBranch", "consumer", "latest"}:
        yield "mainBranch can only be combined with consumer and latest"
    if "matchingBranch" in keys and keys - {"matchingBranch", "consumer"}:
        yield "matchingBranch can only be combined with consumer"
    if "matchingBranch" in keys and not provider_branch:
        yield "matchingBranch needs providerVersionBranch"
    if {"tag", "branch"} <= keys:
        yield "tag and branch cannot be combined"
    if "fallbackTag" in keys and not keys & {"tag", "latest"}:
        yield "fallbackTag needs tag or latest"
    if "fallbackBranch" in keys and ("branch" not in keys or item.get("latest") is False):
        yield "fallbackBranch needs branch, and latest must not be false"
    if keys & {"branch", "mainBranch"} and item.get("latest") is False:
        yield "latest cannot be false with branch or mainBranch, which select the latest version"


def _is_text(value: Any) -> bool:
    return find_name_error(value) is None


def _join(values: Iterable[str]) -> str:
    return ", ".join(sorted(values))
