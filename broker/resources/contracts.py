"""Publishing: contracts of a consumer version, all of them or none."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.database import Database, Row
from broker.domain.pact_content import add_interaction_ids, content_sha
from broker.domain.pacticipant_names import find_similar_names
from broker.errors import BrokerHTTPError, bad_request
from broker.resources.links import pact_link, version_link
from broker.store import pacticipants, pacts
from broker.web import database, hal_response, link, read_json_body, url, validate_strings

router = APIRouter()


@dataclass(frozen=True, slots=True)
class PublishedContract:
    """A pact about to be stored."""

    consumer: str
    provider: str
    document: dict[str, Any]
    sha: str


@router.post("/contracts/publish")
async def publish(request: Request) -> Response:
    """Store the contracts of a version; other content for a pact it has already is refused."""
    given = await read_json_body(request)
    contracts = _checked(given)
    db = database(request)
    with db.write_transaction():
        _refuse_conflicts(db, given, contracts)
        version, made = pacticipants.find_or_create_version(
            db, given["pacticipantName"], given["pacticipantVersionNumber"]
        )
        if "buildUrl" in given:
            db.execute("UPDATE versions SET build_url = ? WHERE id = ?", given["buildUrl"], version["id"])
        if given.get("branch"):
            pacticipants.add_branch(db, version, given["branch"])
        for tag in given.get("tags") or ():
            pacticipants.add_tag(db, version, tag)
        known = [
            bool(pacts.find_by_version(db, one.provider, one.consumer, version["number"]))
            for one in contracts
        ]
        for one in contracts:
            store_contract(db, version, one)
    return _published(request, given, contracts, version, made=made, known=known)


def store_contract(db: Database, version: Row, contract: PublishedContract) -> None:
    """Store one contract of a version."""
    provider = pacticipants.find_or_create(db, contract.provider)
    pacts.publish(db, version, provider, contract.sha, json.dumps(contract.document, ensure_ascii=False))


def build_contract(consumer: str, provider: str, pact: dict[str, Any]) -> PublishedContract:
    """A contract from a pact document."""
    return PublishedContract(consumer, provider, add_interaction_ids(pact), content_sha(pact))


def _checked(given: dict[str, Any]) -> list[PublishedContract]:
    errors: dict[str, list[str]] = {}
    validate_strings(given, errors, "pacticipantName", "pacticipantVersionNumber", required=True)
    validate_strings(given, errors, "branch", "buildUrl")
    if isinstance(given.get("branch"), str) and not given["branch"].strip():
        errors.setdefault("branch", []).append("can't be blank")
    _check_tags(given.get("tags"), errors)
    items = given.get("contracts")
    if not isinstance(items, list) or not items:
        errors["contracts"] = [
            "is missing" if items is None else "should be a list with at least one contract"
        ]
        raise bad_request(errors)
    contracts = [
        _contract(item, index, given.get("pacticipantName"), errors) for index, item in enumerate(items)
    ]
    if errors:
        raise bad_request(errors)
    return [contract for contract in contracts if contract]


def _check_tags(tags: Any, errors: dict[str, list[str]]) -> None:
    if tags is None:
        return
    if not isinstance(tags, list):
        errors["tags"] = ["should be a list of texts"]
        return
    for index, tag in enumerate(tags):
        if not isinstance(tag, str) or not tag.strip():
            errors.setdefault("tags", []).append(f"can't be blank (at index {index})")


def _contract(item: Any, index: int, owner: Any, errors: dict[str, list[str]]) -> PublishedContract | None:
    problems: list[str] = []
    pact = None
    if isinstance(item, dict):
        problems += _named_problems(item, owner)
        pact = _content(item.get("content"), problems)
    else:
        problems.append("a contract should be an object")
    if pact is not None:
        problems += _party_problems(item, pact)
    if problems:
        errors.setdefault("contracts", []).extend(f"{text} (at index {index})" for text in problems)
        return None
    return build_contract(item["consumerName"], item["providerName"], pact or {})


def _named_problems(item: dict[str, Any], owner: Any) -> list[str]:
    problems = [
        f"{name} can't be blank"
        for name in ("consumerName", "providerName")
        if not isinstance(item.get(name), str) or not item[name].strip()
    ]
    if isinstance(owner, str) and isinstance(item.get("consumerName"), str) and item["consumerName"] != owner:
        problems.append(f"consumerName should be the pacticipantName '{owner}'")
    if item.get("specification") != "pact":
        problems.append("specification should be 'pact'")
    if item.get("contentType") != "application/json":
        problems.append("contentType should be 'application/json'")
    if item.get("onConflict") not in {None, "overwrite", "merge"}:
        problems.append("onConflict should be 'overwrite' or 'merge'")
    return problems


def _content(content: Any, problems: list[str]) -> dict[str, Any] | None:
    if not isinstance(content, str):
        problems.append("content is missing")
        return None
    try:
        pact = json.loads(base64.b64decode(content, validate=True).decode())
    except (binascii.Error, ValueError, RecursionError):
        problems.append("content should be the base64 of a JSON document")
        return None
    if not isinstance(pact, dict):
        problems.append("content should be a JSON object")
        return None
    return pact


def _party_problems(item: dict[str, Any], pact: dict[str, Any]) -> list[str]:
    problems = []
    for role in ("consumer", "provider"):
        party = pact.get(role)
        name = party.get("name") if isinstance(party, dict) else None
        if name is not None and name != item.get(f"{role}Name"):
            problems.append(f"{role}Name should be the pact's own, '{name}'")
    return problems


def _refuse_conflicts(db: Database, given: dict[str, Any], contracts: list[PublishedContract]) -> None:
    notices = _similar_names(db, {given["pacticipantName"], *(one.provider for one in contracts)})
    number = given["pacticipantVersionNumber"]
    for one in contracts:
        before = pacts.find_by_version(db, one.provider, one.consumer, number)
        if before and before["sha"] != one.sha:
            notices.append(
                f"Version {number} of {one.consumer} has a pact with {one.provider} already, and its content is another. "
                "The pacts of a version never change: publish under a new version number"
            )
    if notices:
        shown = [{"type": "error", "text": text} for text in notices]
        raise BrokerHTTPError(
            409, {"notices": shown, "errors": {"contracts": notices}}, "application/json;charset=utf-8"
        )


def _similar_names(db: Database, names: set[str]) -> list[str]:
    known = [row["name"] for row in db.fetch_all("SELECT name FROM pacticipants")]
    return [
        f"'{name}' is very similar to the known pacticipant '{other}': if it is another, create it first by POST to /pacticipants"
        for name in sorted(names)
        for other in find_similar_names(name, known)
    ]


def _published(
    request: Request,
    given: dict[str, Any],
    contracts: list[PublishedContract],
    version: Row,
    *,
    made: bool,
    known: list[bool],
) -> Response:
    name, number, branch = version["name"], version["number"], given.get("branch")
    on = f" on branch {branch}" if branch else ""
    notices = [("debug", f"{'Created' if made else 'Updated'} {name} version {number}{on}")]
    if not branch:
        notices.append(("prompt", "Publish with a branch: a verdict by branch needs one"))
    links = []
    for one, before in zip(contracts, known, strict=True):
        row = pacts.find_by_version(database(request), one.provider, one.consumer, number)
        pact = pact_link(request, row) if row else {}
        links.append(pact)
        words = "republished, unchanged" if before else "published"
        notices.append(("success", f"Pact between {one.consumer} and {one.provider} {words}"))
        notices.append(("debug", f"  View it at {pact.get('href')}"))
    tags = [
        link(url(request, "pacticipants", name, "versions", number, "tags", tag), "Tag", tag)
        for tag in given.get("tags") or ()
    ]
    owner = link(url(request, "pacticipants", name), "Pacticipant", name)
    return hal_response(
        {
            "notices": [{"type": kind, "text": text} for kind, text in notices],
            "logs": [
                {"level": kind, "message": text, "deprecationWarning": "Replaced by notices"}
                for kind, text in notices
            ],
            "_embedded": {
                "pacticipant": {"name": name, "_links": {"self": owner}},
                "version": {"number": number, "_links": {"self": version_link(request, version)}},
            },
            "_links": {
                "pb:pacticipant": owner,
                "pb:pacticipant-version": version_link(request, version),
                "pb:pacticipant-version-tags": tags,
                "pb:contracts": links,
            },
        }
    )
