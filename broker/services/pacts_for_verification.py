"""Select the pacts a provider verifies, with their pending and WIP status."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from broker.database import Database, Row, now_microseconds
from broker.domain.pending import ProviderContext, is_pending, is_wip
from broker.domain.verification_request import PactsForVerificationRequest
from broker.services.pact_selection import SelectedPact, select_pacts
from broker.store.pacts_for_verification import (
    head_pacts_since,
    provider_context,
    successful_verifications,
)

WIP_REASON = "work in progress"


@dataclass(frozen=True, slots=True)
class PactToVerify:
    """A pact to verify with the reasons of its selection; `pending` is None if the status was not asked for."""

    pact: Row
    reasons: list[str]
    pending: bool | None
    wip: bool


def list_pacts_to_verify(
    db: Database, provider: Row, request: PactsForVerificationRequest
) -> list[PactToVerify]:
    """Return the selected pacts, then the WIP pacts."""
    context = provider_context(db, provider["id"], request.branch, request.tags)
    selected = list(_selected_pacts(db, provider, request, context))
    contents = {item.pact["content"] for item in selected}
    return selected + list(_wip_pacts(db, provider, request, context, contents))


def _selected_pacts(
    db: Database, provider: Row, request: PactsForVerificationRequest, context: ProviderContext
) -> Iterator[PactToVerify]:
    for pact, reasons in _group_by_content(select_pacts(db, provider, request.selectors)):
        pending = None
        if request.include_pending:
            pending = is_pending(successful_verifications(db, pact["content"]), context)
        yield PactToVerify(pact, reasons, pending, wip=False)


def _wip_pacts(
    db: Database,
    provider: Row,
    request: PactsForVerificationRequest,
    context: ProviderContext,
    selected_contents: set[int],
) -> Iterator[PactToVerify]:
    if request.wip_since is None or not context.has_branch_or_tags:
        return
    heads = head_pacts_since(db, provider["id"], request.wip_since)
    candidates = [
        SelectedPact(pact, WIP_REASON) for pact in heads if pact["content"] not in selected_contents
    ]
    for pact, reasons in _group_by_content(candidates):
        if is_wip(successful_verifications(db, pact["content"]), context, now_microseconds()):
            # a pact may be the head of several branches, for the same reason
            yield PactToVerify(pact, reasons[:1], pending=True, wip=True)


def _group_by_content(selected: Iterable[SelectedPact]) -> list[tuple[Row, list[str]]]:
    """Return the pact of the newest version with each content and all reasons, by consumer and age."""
    groups: defaultdict[int, list[SelectedPact]] = defaultdict(list)
    for item in selected:
        groups[item.pact["content"]].append(item)
    entries = []
    for group in groups.values():
        # a content is verified once, for the newest version that has it
        newest = max((item.pact for item in group), key=lambda pact: int(pact["version"]))
        entries.append((newest, [item.reason for item in group]))
    return sorted(entries, key=lambda entry: (entry[0]["consumer"].lower(), entry[0]["version"]))
