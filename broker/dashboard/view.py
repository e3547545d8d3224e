"""The page at `/`: what may be deployed where, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from broker.database import Database, Row
from broker.services.matrix import MatrixQuery, QuerySelector, run_query
from broker.store import environments, pacticipants
from broker.store.matrix import VersionFilter

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


@dataclass(frozen=True, slots=True)
class EnvironmentStatus:
    """Whether the candidate may go to one environment."""

    deployed_versions: list[str]
    deployable: bool | None
    reasons: list[str]
    verified: int

    @property
    def verdict(self) -> str:
        """The verdict in a word."""
        return {True: "yes", False: "no", None: "unknown"}[self.deployable]


@dataclass(frozen=True, slots=True)
class PacticipantRow:
    """A pacticipant, and the version that would be deployed next."""

    name: str
    number: str
    since: str
    branch: str | None
    cells: list[EnvironmentStatus]


def render_dashboard(db: Database) -> str:
    """The page as HTML."""
    places = environments.list_all(db)
    owners = db.fetch_all("SELECT * FROM pacticipants ORDER BY lower(name), name")
    lines = [line for owner in owners if (line := _line(db, owner, places))]
    names = [place["display_name"] or place["name"] for place in places]
    counts = {
        what: db.fetch_value(f"SELECT count(*) FROM {table}")
        for what, table in (
            ("versions", "versions"),
            ("pacts", "pacts WHERE current = 1"),
            ("results", "results"),
        )
    }
    return TEMPLATES.get_template("page.html").render(lines=lines, environments=names, counts=counts)


def _line(db: Database, owner: Row, places: list[Row]) -> PacticipantRow | None:
    candidate = _candidate(db, owner)
    if candidate is None:
        return None
    branches = pacticipants.branches_of(db, candidate["id"])
    return PacticipantRow(
        name=owner["name"],
        number=candidate["number"],
        since=datetime.fromtimestamp(candidate["created"] / 1e6, UTC).strftime("%Y-%m-%d %H:%M UTC"),
        branch=branches[-1]["name"] if branches else None,
        cells=[_cell(db, owner, candidate["number"], place) for place in places],
    )


def _candidate(db: Database, owner: Row) -> Row | None:
    """The newest version: what somebody is about to deploy."""
    return pacticipants.latest_version(db, owner["name"])


def _cell(db: Database, owner: Row, number: str, place: Row) -> EnvironmentStatus:
    target = VersionFilter(environment=place["name"])
    asked = [QuerySelector(owner, VersionFilter(number=number))]
    judgement = run_query(db, MatrixQuery(selectors=asked, inferred_filter=target, latestby="cvpv"))
    here = [
        row["number"]
        for kind in (environments.DEPLOYED, environments.RELEASED)
        for row in environments.list_current(db, place["id"], kind)
        if row["pacticipant_name"] == owner["name"]
    ]
    reasons = [notice.text for notice in judgement.notices if notice.type == "error"]
    return EnvironmentStatus(here, judgement.deployable, list(dict.fromkeys(reasons)), judgement.success)
