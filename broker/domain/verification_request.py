"""A request for the pacts to verify, parsed from the body of `POST /pacts/provider/{provider}/for-verification`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from broker.domain.selectors import ConsumerVersionSelector, parse_selectors
from broker.domain.validation import FieldErrors, find_list_error, find_name_error, find_text_error


@dataclass(frozen=True, slots=True)
class PactsForVerificationRequest:
    """How pacts are selected, for which provider branch or tags, and whether pending and WIP status are wanted.

    Attributes:
        selectors: the consumer version selectors; none for the broker's default selection.
        branch: the branch of the provider version.
        tags: the tags of the provider version.
        include_pending: whether each pact gets its pending status.
        wip_since: pacts published after this time (microseconds since 1970) are added as WIP; None for no WIP pacts.
    """

    selectors: list[ConsumerVersionSelector]
    branch: str | None
    tags: list[str]
    include_pending: bool
    wip_since: int | None

    def without_fallback_branches(self) -> PactsForVerificationRequest:
        """Return the request as the official broker reads it: it accepts fallback branches and selects nothing by them."""
        return replace(self, selectors=[replace(item, fallback_branch=None) for item in self.selectors])


def parse_verification_request(
    body: dict[str, Any], environments: set[str]
) -> tuple[PactsForVerificationRequest | None, FieldErrors]:
    """Return the request, or None with what is wrong with the body."""
    errors: FieldErrors = {}
    tags = _parse_tags(body.get("providerVersionTags"), errors)
    # absent means true, as at the official broker
    include_pending = body.get("includePendingStatus", True)
    if not isinstance(include_pending, bool):
        errors["includePendingStatus"] = ["must be true or false"]
    wip_since = _parse_date(body.get("includeWipPactsSince"), errors)
    branch = body.get("providerVersionBranch")
    # a blank branch matters only if the pending or WIP status depends on it
    _check_branch(branch, errors, required=not tags and (include_pending is True or wip_since is not None))
    branch_name = branch if isinstance(branch, str) else None
    selectors, messages = parse_selectors(body.get("consumerVersionSelectors"), branch_name, environments)
    if messages:
        errors["consumerVersionSelectors"] = messages
    if errors:
        return None, errors
    return PactsForVerificationRequest(selectors, branch_name or None, tags, include_pending, wip_since), {}


def _parse_tags(tags: Any, errors: FieldErrors) -> list[str]:
    # the official broker accepts a single string
    tags = [tags] if isinstance(tags, str) else tags or []
    if not isinstance(tags, list) or any(find_name_error(tag) for tag in tags):
        errors["providerVersionTags"] = ["must be a list of strings that are not blank"]
        return []
    if message := find_list_error(tags):
        errors["providerVersionTags"] = [message]
        return []
    return tags


def _check_branch(branch: Any, errors: FieldErrors, *, required: bool) -> None:
    if branch is None:
        return
    if not isinstance(branch, str):
        errors["providerVersionBranch"] = ["must be a string"]
    elif branch and not branch.strip() and required:
        errors["providerVersionBranch"] = ["can't be blank"]
    elif message := find_text_error(branch):
        errors["providerVersionBranch"] = [message]


def _parse_date(text: Any, errors: FieldErrors) -> int | None:
    if text is None:
        return None
    try:
        date = datetime.fromisoformat(text)
    except (TypeError, ValueError, OverflowError):
        errors["includeWipPactsSince"] = ["must be a date such as 2026-01-31"]
        return None
    return int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() * 1_000_000)
