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

from broker.database import Database, Row, now
from broker.errors import invalid
from broker.judgement import pending, selectors
from broker.resources.links import pact_name, pact_path
from broker.resources.metadata import Metadata
from broker.resources.pact_lists import provider_of
from broker.store import environments, selection
from broker.store.selection import Chosen
from broker.web import body, database, hal, link, url

router = APIRouter()
REASONS = (
    "latest",
    "latest from main",
    "latest from branch",
    "latest with tag",
    "one of",
    "deployed",
    "released",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request for pacts: how they are chosen, for whom, and whether pending pacts and work in progress are wanted."""

    selectors: list[selectors.Selector]
    branch: str | None
    tags: list[str]
    pending: bool
    wip_since: int | None


@dataclass(frozen=True, slots=True)
class Entry:
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
    given = await body(request)
    provider_of(request)
    return _answer(request, _wanted(database(request), given))


def _wanted(db: Database, given: dict[str, Any]) -> Wanted:
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
    known = {row["name"] for row in environments.everything(db)}
    own = branch if isinstance(branch, str) else None
    found, wrong = selectors.parse(given.get("consumerVersionSelectors"), own, known)
    if wrong:
        errors["consumerVersionSelectors"] = wrong
    if errors:
        raise invalid(errors)
    return Wanted(found, own or None, tags, asked, since)


def _date(text: Any, errors: dict[str, list[str]]) -> int | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        errors["includeWipPactsSince"] = ["should be a date, like 2026-01-31"]
        return None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1_000_000)


def _answer(request: Request, wanted: Wanted) -> Response:
    db, provider = database(request), provider_of(request)
    who = selection.verifying(db, provider, wanted.branch, wanted.tags)
    entries = list(_selected(db, provider, wanted, who))
    entries += _in_progress(db, provider, wanted, who, {_key(entry.pact) for entry in entries})
    own = url(request, "pacts", "provider", provider["name"], "for-verification")
    found = [_item(request, entry, provider["name"]) for entry in entries]
    return hal({"_embedded": {"pacts": found}, "_links": {"self": link(own, "Pacts to be verified")}})


def _key(pact: Row) -> int:
    content: int = pact["content"]
    return content


def _selected(db: Database, provider: Row, wanted: Wanted, who: pending.Provider) -> Iterator[Entry]:
    for pact, reasons in _grouped(selection.choose(db, provider, wanted.selectors)):
        state = pending.is_pending(selection.successes(db, _key(pact)), who) if wanted.pending else None
        yield Entry(pact, reasons, state, wip=False)


def _in_progress(
    db: Database, provider: Row, wanted: Wanted, who: pending.Provider, selected: set[int]
) -> Iterator[Entry]:
    if wanted.wip_since is None or not who.named:
        return
    heads = selection.heads(db, provider, wanted.wip_since)
    candidates = [Chosen(row, "work in progress") for row in heads if _key(row) not in selected]
    for pact, _ in _grouped(candidates):
        if pending.is_wip(selection.successes(db, _key(pact)), who, now()):
            yield Entry(pact, ["work in progress"], pending=True, wip=True)


def _grouped(chosen: Iterable[Chosen]) -> list[tuple[Row, list[str]]]:
    """One entry for each content, of the newest version that has it, by consumer and age."""
    groups: defaultdict[int, list[Chosen]] = defaultdict(list)
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


def _item(request: Request, entry: Entry, provider: str) -> dict[str, Any]:
    metadata = Metadata(consumer_version=entry.pact["version_number"], wip=entry.wip).encode()
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
        max(index for index, start in enumerate(REASONS) if reason.startswith(start))
        if reason != "work in progress"
        else 0
    )


def _notices(entry: Entry, provider: str) -> Iterator[tuple[str, str]]:
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
