"""Consumer version selectors: what a client may ask for, and what it may not mix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
    """One consumer version selector, as sent; `branch` may be True for all branches."""

    consumer: str | None = None
    tag: str | None = None
    fallback_tag: str | None = None
    latest: bool | None = None
    deployed: bool = False
    released: bool = False
    environment: str | None = None
    main_branch: bool = False
    branch: str | bool | None = None


def parse_selectors(
    items: Any, provider_branch: str | None, environments: set[str]
) -> tuple[list[ConsumerVersionSelector], list[str]]:
    """The selectors, and everything that is wrong with them."""
    if items is None:
        return [], []
    if not isinstance(items, list):
        return [], ["consumerVersionSelectors should be a list of objects"]
    errors: list[str] = []
    selectors: list[ConsumerVersionSelector] = []
    for index, item in enumerate(items):
        found = list(_wrong(item, provider_branch, environments))
        errors += [f"{text} (at index {index})" for text in found]
        if not found:
            selectors.append(_selector(item, provider_branch))
    return selectors, errors


def _selector(item: dict[str, Any], provider_branch: str | None) -> ConsumerVersionSelector:
    either = bool(item.get("deployedOrReleased")) or (item.keys() & BY_ENVIRONMENT == {"environment"})
    branch = provider_branch if item.get("matchingBranch") else item.get("branch")
    return ConsumerVersionSelector(
        consumer=item.get("consumer"),
        tag=item.get("tag"),
        fallback_tag=item.get("fallbackTag"),
        latest=item.get("latest"),
        deployed=either or bool(item.get("deployed")),
        released=either or bool(item.get("released")),
        environment=item.get("environment"),
        main_branch=bool(item.get("mainBranch")),
        branch=branch,
    )


def _wrong(item: Any, provider_branch: str | None, environments: set[str]) -> Iterator[str]:
    if not isinstance(item, dict):
        yield "a selector should be an object"
        return
    given = {key for key in KEYS if item.get(key) is not None}
    yield from _wrong_values(item, given)
    if not given - {"consumer"}:
        yield "a selector needs at least one of latest, tag, branch, mainBranch, matchingBranch, deployed, released, deployedOrReleased or environment"
    if given & BY_VERSION and given & BY_ENVIRONMENT:
        yield f"{_words(given & BY_VERSION)} cannot be combined with {_words(given & BY_ENVIRONMENT)}"
    if len(given & {"deployed", "released", "deployedOrReleased"}) > 1:
        yield "only one of deployed, released and deployedOrReleased can be given"
    if item.get("environment") is not None and item["environment"] not in environments:
        yield f"there is no environment '{item['environment']}': there are {_words(environments)}"
    yield from _wrong_branches(item, given, provider_branch)


def _wrong_values(item: dict[str, Any], given: set[str]) -> Iterator[str]:
    for key in TRUE_ONLY_KEYS:
        if key in given and item[key] is not True:
            yield f"{key} can only be true"
    for key in STRING_KEYS:
        if key in given and (not isinstance(item[key], str) or not item[key].strip()):
            yield f"{key} should be a text that is not blank"
    if "latest" in given and not isinstance(item["latest"], bool):
        yield "latest should be true or false"
    if (
        "branch" in given
        and item["branch"] is not True
        and not (isinstance(item["branch"], str) and item["branch"].strip())
    ):
        yield "branch should be a text that is not blank, or true"


def _wrong_branches(item: dict[str, Any], given: set[str], provider_branch: str | None) -> Iterator[str]:
    if "mainBranch" in given and given - {"mainBranch", "consumer", "latest"}:
        yield "mainBranch can only be combined with consumer and latest"
    if "matchingBranch" in given and given - {"matchingBranch", "consumer"}:
        yield "matchingBranch can only be combined with consumer"
    if "matchingBranch" in given and not provider_branch:
        yield "matchingBranch needs providerVersionBranch"
    if {"tag", "branch"} <= given:
        yield "tag and branch cannot be combined"
    if "fallbackTag" in given and not given & {"tag", "latest"}:
        yield "fallbackTag needs tag or latest"
    if "fallbackBranch" in given and ("branch" not in given or item.get("latest") is False):
        yield "fallbackBranch needs branch, and latest not false"
    if given & {"branch", "mainBranch"} and item.get("latest") is False:
        yield "a branch always means its latest version: latest cannot be false"


def _words(values: set[str]) -> str:
    return ", ".join(sorted(values))
