"""Consumer version selectors that are not valid: every rule is named, with the index of the selector."""

from __future__ import annotations

from typing import Any

import pytest

from broker.domain.selectors import KEYS, ConsumerVersionSelector, parse_selectors

NEEDS_ONE = (
    "a selector needs at least one of latest, tag, branch, mainBranch, matchingBranch, deployed, released,"
    " deployedOrReleased or environment"
)
NO_TEXT = "must be a string that is not blank"


def errors_of(item: Any, provider_branch: str | None = "feat/x") -> list[str]:
    """Return the errors of one selector, without its index."""
    selectors, errors = parse_selectors([item], provider_branch, {"test", "production"})
    assert bool(selectors) is not bool(errors)
    return [error.removesuffix(" (at index 0)") for error in errors]


@pytest.mark.parametrize(
    ("item", "error"),
    [
        ("main", "a selector must be an object"),
        ({}, NEEDS_ONE),
        ({"consumer": "A"}, NEEDS_ONE),
        ({"latest": "yes"}, "latest must be true or false"),
        ({"mainBranch": False}, "mainBranch can only be true"),
        ({"deployed": "yes"}, "deployed can only be true"),
        ({"tag": " "}, f"tag {NO_TEXT}"),
        ({"tag": "v1", "consumer": 1}, f"consumer {NO_TEXT}"),
        ({"branch": " "}, f"branch {NO_TEXT}, or true"),
        ({"branch": False}, f"branch {NO_TEXT}, or true"),
        ({"tag": "v1", "deployed": True}, "tag cannot be combined with deployed"),
        (
            {"latest": True, "tag": "v1", "released": True, "environment": "test"},
            "latest, tag cannot be combined with environment, released",
        ),
        (
            {"deployed": True, "released": True},
            "only one of deployed, released and deployedOrReleased can be given",
        ),
        (
            {"deployed": True, "deployedOrReleased": True},
            "only one of deployed, released and deployedOrReleased can be given",
        ),
        (
            {"environment": "nowhere"},
            "there is no environment 'nowhere': existing environments are production, test",
        ),
        ({"brnch": "main"}, "there is no key 'brnch': did you mean 'branch'?"),
        ({"latest": True, "tga": None}, "there is no key 'tga': did you mean 'tag'?"),
        (
            {"latest": True, "colour": "red"},
            f"there is no key 'colour': known keys are {', '.join(KEYS)}",
        ),
        ({"mainBranch": True, "tag": "v1"}, "mainBranch can only be combined with consumer and latest"),
        ({"matchingBranch": True, "latest": True}, "matchingBranch can only be combined with consumer"),
        ({"tag": "v1", "branch": "main"}, "tag and branch cannot be combined"),
        ({"branch": "main", "fallbackTag": "v1"}, "fallbackTag needs tag or latest"),
        (
            {"latest": True, "fallbackBranch": "main"},
            "fallbackBranch needs branch, and latest must not be false",
        ),
        (
            {"branch": "main", "latest": False},
            "latest cannot be false with branch or mainBranch, which select the latest version",
        ),
        (
            {"mainBranch": True, "latest": False},
            "latest cannot be false with branch or mainBranch, which select the latest version",
        ),
    ],
    ids=str,
)
def test_rule_that_is_broken_is_named(item: Any, error: str) -> None:
    """Exactly one rule, by its text."""
    assert errors_of(item) == [error]


def test_of_many_unknown_keys_the_first_are_named() -> None:
    """The search for the nearest name takes time, and its input is bounded."""
    errors = errors_of({"latest": True, **{f"{number}{'x' * 1000}": 1 for number in range(1000)}})

    assert len(errors) == 20
    assert errors[3].startswith(f"there is no key '3{'x' * 99}': known keys are ")


def test_fallback_branch_with_latest_false_breaks_two_rules() -> None:
    """Both are named."""
    assert errors_of({"branch": "main", "fallbackBranch": "old", "latest": False}) == [
        "fallbackBranch needs branch, and latest must not be false",
        "latest cannot be false with branch or mainBranch, which select the latest version",
    ]


@pytest.mark.parametrize("provider_branch", [None, ""])
def test_matching_branch_needs_the_provider_s(provider_branch: str | None) -> None:
    """There is nothing to match."""
    assert errors_of({"matchingBranch": True}, provider_branch) == [
        "matchingBranch needs providerVersionBranch"
    ]


@pytest.mark.parametrize(
    ("item", "selector"),
    [
        ({"branch": True}, ConsumerVersionSelector(branch=True)),
        ({"branch": "main"}, ConsumerVersionSelector(branch="main")),
        ({"branch": "main", "latest": True}, ConsumerVersionSelector(branch="main", latest=True)),
        (
            {"branch": "main", "fallbackBranch": "old"},
            ConsumerVersionSelector(branch="main", fallback_branch="old"),
        ),
        ({"mainBranch": True}, ConsumerVersionSelector(main_branch=True)),
        (
            {"mainBranch": True, "consumer": "A", "latest": True},
            ConsumerVersionSelector(main_branch=True, consumer="A", latest=True),
        ),
        ({"matchingBranch": True, "consumer": "A"}, ConsumerVersionSelector(branch="feat/x", consumer="A")),
        ({"tag": "v1"}, ConsumerVersionSelector(tag="v1")),
        ({"latest": False}, ConsumerVersionSelector(latest=False)),
        ({"tag": "v1", "fallbackTag": "v0"}, ConsumerVersionSelector(tag="v1", fallback_tag="v0")),
        ({"latest": True, "fallbackTag": "v0"}, ConsumerVersionSelector(latest=True, fallback_tag="v0")),
        (
            {"released": True, "environment": "test"},
            ConsumerVersionSelector(released=True, environment="test"),
        ),
    ],
    ids=str,
)
def test_valid_selector_has_no_error(item: dict[str, Any], selector: ConsumerVersionSelector) -> None:
    """What the rules allow is parsed."""
    assert parse_selectors([item], "feat/x", {"test"}) == ([selector], [])


def test_valid_selectors_remain_beside_invalid_ones() -> None:
    """Each error has the index of its selector."""
    assert parse_selectors([{"tag": "v1"}, {}], None, set()) == (
        [ConsumerVersionSelector(tag="v1")],
        [f"{NEEDS_ONE} (at index 1)"],
    )


@pytest.mark.parametrize(
    ("items", "errors"),
    [(None, []), ([], []), ({"tag": "v1"}, ["consumerVersionSelectors must be a list of objects"])],
)
def test_items_must_be_a_list(items: Any, errors: list[str]) -> None:
    """No list is no selector."""
    assert parse_selectors(items, None, set()) == ([], errors)


def test_too_many_selectors_are_refused() -> None:
    """None of them is read."""
    assert parse_selectors([{"latest": True}] * 101, None, set()) == ([], ["must have at most 100 items"])
