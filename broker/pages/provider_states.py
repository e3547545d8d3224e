"""The page with the provider states that the consumers of a provider use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from broker.database import Database
from broker.domain.json_document import encode_canonical_json
from broker.pages.pacticipant import pacticipant_url
from broker.pages.paging import page_of
from broker.pages.templating import render_page, url_of
from broker.store import environments

STATES_ON_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state with its parameters as JSON (None without any), and its consumers as links (name and URL)."""

    name: str
    params: str | None
    consumers: list[tuple[str, str]]


def render_provider_states(
    db: Database, base: str, provider: str, selection: tuple[str, ...], states: Sequence[dict[str, Any]], page: int
) -> str:  # fmt: skip
    """Return the page as HTML.

    Args:
        db: the database, which has the environments to choose from.
        base: what links begin with.
        provider: the name of the provider.
        selection: whose pacts are meant: () for the main branches, or `branch` or `environment` and a name.
        states: all states, as the JSON at the same address has them.
        page: the number of the page.
    """
    selections = [(), *(("environment", row["name"]) for row in environments.list_all(db))]
    if selection not in selections:
        selections.append(selection)
    paged = page_of(states, page, STATES_ON_A_PAGE, _states_url(base, provider, *selection))
    return render_page(
        "provider_states.html", base, "/pacticipants", provider=provider, paged=paged,
        provider_href=pacticipant_url(base, provider),
        rows=[_row(base, state) for state in paged.items],
        links=[
            (_title(item), _states_url(base, provider, *item), item == selection) for item in selections
        ],
    )  # fmt: skip


def _states_url(base: str, provider: str, *selection: str) -> str:
    return url_of(base, "pacts", "provider", provider, "provider-states", *selection)


def _title(selection: tuple[str, ...]) -> str:
    return " ".join(selection) or "main branches"


def _row(base: str, state: dict[str, Any]) -> StateRow:
    return StateRow(
        name=state["name"],
        params=encode_canonical_json(state["params"]) if "params" in state else None,
        consumers=[(name, pacticipant_url(base, name)) for name in state["consumers"]],
    )
