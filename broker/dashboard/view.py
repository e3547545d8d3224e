"""The dashboard: whether the newest version of each pacticipant can be deployed to each environment, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from broker.database import Database, Row
from broker.domain.matrix import VersionFilter
from broker.services.matrix import MatrixQuery, QuerySelector, run_query
from broker.store import branches, deployments, environments, pacticipants, statistics, versions

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)
VERDICTS = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True, slots=True)
class EnvironmentStatus:
    """Whether the newest version can be deployed to one environment."""

    environment: str
    deployed_versions: list[str]
    deployable: bool | None
    reasons: list[str]
    verified_pacts: int

    @property
    def verdict(self) -> str:
        """The decision as `yes`, `no` or `unknown`."""
        return VERDICTS[self.deployable]


@dataclass(frozen=True, slots=True)
class PacticipantRow:
    """A pacticipant, its newest version and the status of that version in each environment."""

    name: str
    number: str
    created_at: str
    branch: str | None
    statuses: list[EnvironmentStatus]


def render_dashboard(db: Database) -> str:
    """Return the page as HTML."""
    all_environments = environments.list_all(db)
    rows = [row for item in pacticipants.list_all(db) if (row := _row(db, item, all_environments))]
    names = [_environment_name(environment) for environment in all_environments]
    counts = statistics.count_rows(db)
    return TEMPLATES.get_template("page.html").render(rows=rows, environments=names, counts=counts)


def _row(db: Database, pacticipant: Row, all_environments: list[Row]) -> PacticipantRow | None:
    version = versions.latest_version(db, pacticipant["name"])
    if version is None:
        return None
    on_branches = branches.branches_of(db, version["id"])
    created_at = datetime.fromtimestamp(version["created"] / 1e6, UTC)
    return PacticipantRow(
        name=pacticipant["name"],
        number=version["number"],
        created_at=created_at.strftime("%Y-%m-%d %H:%M UTC"),
        branch=on_branches[-1]["name"] if on_branches else None,
        statuses=[_status(db, pacticipant, version, item) for item in all_environments],
    )


def _status(db: Database, pacticipant: Row, version: Row, environment: Row) -> EnvironmentStatus:
    selector = QuerySelector(pacticipant, VersionFilter(number=version["number"]))
    target = VersionFilter(environment=environment["name"])
    # grouped as the official CLI does when an environment is given
    result = run_query(db, MatrixQuery(selectors=[selector], inferred_filter=target, latestby="cvpv"))
    deployed_versions = [
        row["number"]
        for kind in (deployments.DEPLOYED, deployments.RELEASED)
        for row in deployments.list_current(db, environment["id"], kind)
        if row["pacticipant_name"] == pacticipant["name"]
    ]
    # without duplicates: there is one notice per row, and rows repeat the same text
    reasons = dict.fromkeys(notice.text for notice in result.notices if notice.type == "error")
    return EnvironmentStatus(
        environment=_environment_name(environment),
        deployed_versions=deployed_versions,
        deployable=result.deployable,
        reasons=list(reasons),
        verified_pacts=result.success,
    )


def _environment_name(environment: Row) -> str:
    name: str = environment["display_name"] or environment["name"]
    return name
