"""The pacts a provider is to verify."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.database import Database, Row, now_microseconds
from broker.domain import pending, selectors
from broker.errors import bad_request
from broker.resources.links import pact_name, pact_path
from broker.resources.metadata import PactUrlMetadata
from broker.resources.pact_lists import provider_of
from broker.store import environments, pacts_for_verification
from broker.store.pacts_for_verification import SelectedPact
from broker.web import database, hal_response, link, read_json_body, url

router = APIRouter()
REASON_ORDER = (
    "latest",
    "latest from main",
    "latest from branch",
    "latest with tag",
    "one of",
    "deployed",
    "released",
)


@dataclass(frozen=True, slots=True)
class PactsForVerificationRequest:
    """A request for pacts: how they are chosen, for whom, and whether pending pacts and work in progress are wanted."""

    selectors: list[selectors.ConsumerVersionSelector]
    branch: str | None
    tags: list[str]
    pending: bool
    wip_since: int | None


@dataclass(frozen=True, slots=True)
class PactToVerify:
    """A pact to verify, with why; `pending` is None when it was not asked for."""

    pact: Row
    reasons: list[str]
    pending: bool | None
    wip: bool


@router.get("/pacts/provider/{p:name}/for-verification")
async def get_for_verification(request: Request) -> Response:
    """What a provider verifies when it says nothing about itself."""
    provider_of(request)
    return _answer(request, _wanted(database(request), {}))


@router.post("/pacts/provider/{p:name}/for-verification")
async def post_for_verification(request: Request) -> Response:
    """What the selectors choose."""
    given = await read_json_body(request)
    provider_of(request)
    return _answer(request, _wanted(database(request), given))


def _wanted(db: Database, given: dict[str, Any]) -> PactsForVerificationRequest:
    errors: dict[str, list[str]] = {}
    branch, tags = given.get("providerVersionBranch"), given.get("providerVersionTags")
    tags = [tags] if isinstance(tags, str) else tags or []
    if branch is not None and not isinstance(branch, str):
        errors["providerVersionBranch"] = ["must be a string"]
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        errors["providerVersionTags"] = ["should be a list of texts"]
    asked = given.get("includePendingStatus", True)
    if not isinstance(asked, bool):
        errors["includePendingStatus"] = ["should be true or false"]
    since = _date(given.get("includeWipPactsSince"), errors)
    if (
        isinstance(branch, str)
        and branch
        and not branch.strip()
        and not tags
        and (asked or since is not None)
    ):
        errors["providerVersionBranch"] = ["can't be blank"]
    known = {row["name"] for row in environments.list_all(db)}
    own = branch if isinstance(branch, str) else None
    found, wrong = selectors.parse_selectors(given.get("consumerVersionSelectors"), own, known)
    if wrong:
        errors["consumerVersionSelectors"] = wrong
    if errors:
        raise bad_request(errors)
    return PactsForVerificationRequest(found, own or None, tags, asked, since)


def _date(text: Any, errors: dict[str, list[str]]) -> int | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        errors["includeWipPactsSince"] = ["should be a date, like 2026-01-31"]
        return None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1_000_000)


def _answer(request: Request, wanted: PactsForVerificationRequest) -> Response:
    db, provider = database(request), provider_of(request)
    who = pacts_for_verification.provider_context(db, provider, wanted.branch, wanted.tags)
    entries = list(_selected(db, provider, wanted, who))
    entries += _in_progress(db, provider, wanted, who, {_key(entry.pact) for entry in entries})
    own = url(request, "pacts", "provider", provider["name"], "for-verification")
    found = [_item(request, entry, provider["name"]) for entry in entries]
    return hal_response(
        {"_embedded": {"pacts": found}, "_links": {"self": link(own, "Pacts to be verified")}}
    )


def _key(pact: Row) -> int:
    content: int = pact["content"]
    return content


def _selected(
    db: Database, provider: Row, wanted: PactsForVerificationRequest, who: pending.ProviderContext
) -> Iterator[PactToVerify]:
    for pact, reasons in _grouped(pacts_for_verification.select_pacts(db, provider, wanted.selectors)):
        state = (
            pending.is_pending(pacts_for_verification.successful_verifications(db, _key(pact)), who)
            if wanted.pending
            else None
        )
        yield PactToVerify(pact, reasons, state, wip=False)


def _in_progress(
    db: Database,
    provider: Row,
    wanted: PactsForVerificationRequest,
    who: pending.ProviderContext,
    selected: set[int],
) -> Iterator[PactToVerify]:
    if wanted.wip_since is None or not who.has_branch_or_tags:
        return
    heads = pacts_for_verification.head_pacts_since(db, provider, wanted.wip_since)
    candidates = [SelectedPact(row, "work in progress") for row in heads if _key(row) not in selected]
    for pact, _ in _grouped(candidates):
        if pending.is_wip(
            pacts_for_verification.successful_verifications(db, _key(pact)), who, now_microseconds()
        ):
            yield PactToVerify(pact, ["work in progress"], pending=True, wip=True)


def _grouped(chosen: Iterable[SelectedPact]) -> list[tuple[Row, list[str]]]:
    """One entry for each content, of the newest version that has it, by consumer and age."""
    groups: defaultdict[int, list[SelectedPact]] = defaultdict(list)
    for one in chosen:
        groups[_key(one.pact)].append(one)
    entries = [
        (
            max((one.pact for one in group), key=lambda pact: int(pact["version"])),
            [one.reason for one in group],
        )
        for group in groups.values()
    ]
    return sorted(entries, key=lambda entry: (entry[0]["consumer"].lower(), entry[0]["version"]))


def _item(request: Request, entry: PactToVerify, provider: str) -> dict[str, Any]:
    metadata = PactUrlMetadata(consumer_version=entry.pact["version_number"], wip=entry.wip).encode()
    href = url(request, *pact_path(entry.pact), "pact-version", entry.pact["sha"], "metadata", metadata)
    reasons = sorted(entry.reasons, key=_place)
    properties: dict[str, Any] = {} if entry.pending is None else {"pending": entry.pending}
    if entry.wip:
        properties["wip"] = True
    properties["notices"] = [{"when": when, "text": text} for when, text in _notices(entry, provider)]
    return {
        "shortDescription": ", ".join(reasons),
        "verificationProperties": properties,
        "_links": {"self": link(href, name=pact_name(entry.pact))},
    }


def _place(reason: str) -> int:
    return (
        max(index for index, start in enumerate(REASON_ORDER) if reason.startswith(start))
        if reason != "work in progress"
        else 0
    )


def _notices(entry: PactToVerify, provider: str) -> Iterator[tuple[str, str]]:
    yield (
        "before_verification",
        f"{pact_name(entry.pact)} is verified because it is {', '.join(entry.reasons)}",
    )
    if entry.pending is None:
        return
    if not entry.pending:
        yield "before_verification", f"{provider} has passed it before: a failure is an error"
        return
    yield "before_verification", f"It is pending: {provider} has not passed it yet, so a failure is no error"
    still, passed = f"It is still pending for {provider}: ", f"It is no longer pending for {provider}"
    yield "after_verification:success_true_published_false", still + "the success was not published"
    yield "after_verification:success_false_published_false", still + "it has not passed"
    yield "after_verification:success_true_published_true", passed
    yield "after_verification:success_false_published_true", still + "it has not passed"
