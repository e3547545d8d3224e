"""A publication of contracts, parsed from the body of `POST /contracts/publish`."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from broker.domain.json_document import decode_json
from broker.domain.pact_content import (
    find_interactions_error,
    find_pact_error,
    identify,
    remove_generated_ids,
)
from broker.domain.pact_merge import merge_pacts
from broker.domain.pact_text import PactText, read_pact
from broker.domain.validation import (
    FieldErrors,
    add_error,
    find_list_error,
    find_name_error,
    validate_names,
    validate_strings,
)


@dataclass(frozen=True, slots=True)
class PublishedContract:
    """A pact to be stored.

    Attributes:
        consumer: the name of the consumer.
        provider: the name of the provider.
        json: the document as JSON, with an `_id` on each interaction.
        sha: the identity of the content.
        merge: whether it is to be merged with a stored pact of the same version.
    """

    consumer: str
    provider: str
    json: str
    sha: str
    merge: bool = False


@dataclass(frozen=True, slots=True)
class Publication:
    """A consumer version and its contracts; `sets_build_url` if the body has a build URL, null included."""

    pacticipant: str
    version_number: str
    branch: str | None
    tags: list[str]
    sets_build_url: bool
    build_url: str | None
    contracts: list[PublishedContract]


def parse_publication(body: dict[str, Any]) -> tuple[Publication | None, FieldErrors]:
    """Return the publication, or None with what is wrong with the body."""
    errors: FieldErrors = {}
    validate_strings(body, errors, "pacticipantName", "pacticipantVersionNumber", required=True)
    validate_strings(body, errors, "branch", "buildUrl")
    if isinstance(body.get("branch"), str) and (message := find_name_error(body["branch"])):
        errors["branch"] = [message]
    validate_names(body.get("tags"), errors, "tags")
    contracts = _parse_contracts(body.get("contracts"), body.get("pacticipantName"), errors)
    if errors:
        return None, errors
    publication = Publication(
        pacticipant=body["pacticipantName"],
        version_number=body["pacticipantVersionNumber"],
        branch=body.get("branch"),
        tags=body.get("tags") or [],
        sets_build_url="buildUrl" in body,
        build_url=body.get("buildUrl"),
        contracts=contracts,
    )
    return publication, {}


def build_contract(consumer: str, provider: str, pact: PactText, *, merge: bool = False) -> PublishedContract:
    """Return the contract of a pact."""
    json, sha = identify(*pact)
    return PublishedContract(consumer, provider, json, sha, merge)


def merge_contract(
    contract: PublishedContract, stored: dict[str, Any]
) -> tuple[PublishedContract, list[str]]:
    """Return the contract of a stored document merged with a published one, and the conflicts between both.

    The identity is that of the merged content, so that results of a part never count for the whole.
    """
    merged, conflicts = merge_pacts(stored, remove_generated_ids(decode_json(contract.json)))
    return build_contract(contract.consumer, contract.provider, PactText(merged, {})), conflicts


def build_publication(
    consumer: str, provider: str, number: str, pact: dict[str, Any], *, merge: bool
) -> tuple[Publication | None, FieldErrors]:
    """Return the publication of a single pact under the names of a path, or None with what is wrong with the pact."""
    errors: FieldErrors = {}
    for role, name in (("consumer", consumer), ("provider", provider)):
        if (found := _name_in_pact(pact, role)) not in {None, name}:
            add_error(errors, f"{role}.name", f"is '{found}' in the pact and '{name}' in the path")
    if message := find_interactions_error(pact):
        add_error(errors, "", message)
    if errors:
        return None, errors
    contract = build_contract(consumer, provider, PactText(pact, {}), merge=merge)
    return Publication(
        consumer, number, None, [], sets_build_url=False, build_url=None, contracts=[contract]
    ), {}


def _parse_contracts(items: Any, pacticipant: Any, errors: FieldErrors) -> list[PublishedContract]:
    if not isinstance(items, list) or not items:
        message = "is missing" if items is None else "must be a list with at least one contract"
        errors["contracts"] = [message]
        return []
    if too_long := find_list_error(items):
        errors["contracts"] = [too_long]
        return []
    contracts = []
    for index, item in enumerate(items):
        contract, messages = _parse_contract(item, pacticipant)
        for message in messages:
            add_error(errors, "contracts", f"{message} (at index {index})")
        if contract:
            contracts.append(contract)
    return contracts


def _parse_contract(item: Any, pacticipant: Any) -> tuple[PublishedContract | None, list[str]]:
    if not isinstance(item, dict):
        return None, ["a contract must be an object"]
    messages = _check_fields(item, pacticipant)
    pact, content_messages = _decode_content(item.get("content"))
    messages += content_messages
    if pact is not None:
        messages += _check_names_in_pact(item, pact.document)
    if messages or pact is None:
        return None, messages
    merge = item.get("onConflict") == "merge"
    return build_contract(item["consumerName"], item["providerName"], pact, merge=merge), []


def _check_fields(item: dict[str, Any], pacticipant: Any) -> list[str]:
    messages = [
        f"{field} {message}"
        for field in ("consumerName", "providerName")
        if (message := find_name_error(item.get(field)))
    ]
    consumer = item.get("consumerName")
    if isinstance(pacticipant, str) and isinstance(consumer, str) and consumer != pacticipant:
        messages.append(f"consumerName must be the pacticipantName '{pacticipant}'")
    if item.get("specification") != "pact":
        messages.append("specification must be 'pact'")
    if item.get("contentType") != "application/json":
        messages.append("contentType must be 'application/json'")
    # with "overwrite", other content for the same version is a conflict anyway, as at the official broker
    if item.get("onConflict") not in (None, "overwrite", "merge"):  # a tuple: the value may be unhashable
        messages.append("onConflict must be 'overwrite' or 'merge'")
    return messages


def _decode_content(content: Any) -> tuple[PactText | None, list[str]]:
    if not isinstance(content, str):
        return None, ["content is missing"]
    try:
        # strict, because b64decode otherwise skips characters that are not base64
        text = base64.b64decode(content, validate=True).decode()
    except (binascii.Error, ValueError):
        return None, ["content must be the base64 of a JSON document"]
    try:
        pact = read_pact(text)
    except ValueError as error:
        return None, [f"content is not JSON: {error}"]
    if not isinstance(pact.document, dict):
        return None, ["content must be a JSON object"]
    if message := find_pact_error(*pact, text):
        return None, [f"content {message}"]
    return pact, []


def _check_names_in_pact(item: dict[str, Any], pact: dict[str, Any]) -> list[str]:
    messages = []
    for role in ("consumer", "provider"):
        name = _name_in_pact(pact, role)
        if name is not None and name != item.get(f"{role}Name"):
            messages.append(f"{role}Name must be the name in the pact, '{name}'")
    return messages


def _name_in_pact(pact: dict[str, Any], role: str) -> Any:
    party = pact.get(role)
    return party.get("name") if isinstance(party, dict) else None
