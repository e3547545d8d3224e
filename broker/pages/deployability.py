"""The first page: can the newest main-branch version of each pacticipant go to each environment, and if not, why not."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from broker.database import Database, Row
from broker.domain.matrix import VersionFilter
from broker.pages.pacticipant import pacticipant_url
from broker.pages.paging import page_of
from broker.pages.templating import render_page, url_of
from broker.pages.timestamps import format_time
from broker.services.matrix import MatrixQuery, QuerySelector, run_query
from broker.store import branches, deployments, environments, pacticipants, statistics, versions

PACTICIPANTS_ON_A_PAGE = 20
VERDICTS = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True, slots=True)
class EnvironmentStatus:
    """Whether the newest version can be deployed to one environment, and the command to run next.

    Attributes:
        unrecorded: providers of its pacts of which no version is recorded as deployed there.
        record_command: the command that records one.
    """

    environment: str
    deployed_versions: list[str]
    deployable: bool | None
    reasons: list[str]
    unrecorded: list[str]
    record_command: str
    verified_pacts: int
    command: str
    href: str

    @property
    def verdict(self) -> str:
        """The decision as `yes`, `no` or `unknown`."""
        return VERDICTS[self.deployable]


@dataclass(frozen=True, slots=True)
class PacticipantRow:
    """A pacticipant, its newest version and the status of that version in each environment."""

    name: str
    href: str
    version_href: str
    number: str
    created_at: str
    branch: str | None
    statuses: list[EnvironmentStatus]


@dataclass(frozen=True, slots=True)
class DeployabilityQuery:
    """What the page is asked for.

    Attributes:
        search: a part of the names that are shown, in any case.
        rules: the rules that the address names, which links keep; None for those of the setting.
        official_rules: whether decisions are those of the official broker.
    """

    search: str = ""
    rules: str | None = None
    official_rules: bool = False

    def url(self, base: str) -> str:
        """Return the address of the page."""
        parameters = {"q": self.search, "rules": self.rules}
        return url_of(base, "", **{key: value for key, value in parameters.items() if value})


@dataclass(frozen=True, slots=True)
class _Page:
    """What all cells of the page need: the database, the beginning of links, the broker's URL, and the query."""

    db: Database
    base: str
    broker_url: str
    query: DeployabilityQuery


def render_deployability(
    db: Database, base: str, broker_url: str, query: DeployabilityQuery, page: int
) -> str:
    """Return the page as HTML.

    Args:
        db: the database.
        base: what links begin with.
        broker_url: the broker's URL, for commands.
        query: which pacticipants are shown, and by which rules.
        page: the number of the page, from 1.
    """
    all_environments = environments.list_all(db)
    pacticipants_found = pacticipants.list_with_versions(db, query.search)
    paged = page_of(pacticipants_found, page, PACTICIPANTS_ON_A_PAGE, query.url(base))
    newest = [(row, version) for row in paged.items if (version := _newest_version(db, row))]
    context = _Page(db, base, broker_url, query)
    rows = [_row(context, *item, all_environments) for item in newest]
    return render_page(
        "deployability.html", base, "/", rows=rows, environments=[_display_name(item) for item in all_environments],
        query=query, paged=paged, all_href=replace(query, search="").url(base), counts=statistics.count_rows(db), broker_url=broker_url,
    )  # fmt: skip


def _newest_version(db: Database, pacticipant: Row) -> Row | None:
    """Return the head of the main branch, or the newest version if there is no such branch."""
    main = pacticipant["main_branch"]
    head = branches.branch_head(db, pacticipant["id"], main) if main else None
    if head is not None:
        return versions.find_by_id(db, head)
    return versions.latest_version(db, pacticipant["name"])


def _row(page: _Page, pacticipant: Row, version: Row, all_environments: Sequence[Row]) -> PacticipantRow:
    on_branches = [row["name"] for row in branches.branches_of(page.db, version["id"])]
    main = pacticipant["main_branch"]
    name, number = pacticipant["name"], version["number"]
    return PacticipantRow(
        name=name,
        href=pacticipant_url(page.base, name),
        version_href=_matrix_url(page, name, number),
        number=number,
        created_at=format_time(version["created"]),
        branch=main if main in on_branches else on_branches[-1] if on_branches else None,
        statuses=[_status(page, pacticipant, version, item) for item in all_environments],
    )


def _status(page: _Page, pacticipant: Row, version: Row, environment: Row) -> EnvironmentStatus:
    name, number, target = pacticipant["name"], version["number"], environment["name"]
    # grouped as the official CLI does when an environment is given
    query = MatrixQuery(
        selectors=[QuerySelector(pacticipant, VersionFilter(number=number))],
        inferred_filter=VersionFilter(environment=target),
        latestby="cvpv",
        official_rules=page.query.official_rules,
    )
    result = run_query(page.db, query)
    # without duplicates: there is one notice per row, and rows repeat the same text
    reasons = dict.fromkeys(notice.text for notice in result.notices if notice.type == "error")
    providers = {row.provider for row in result.considered if row.success is None} - {name}
    unrecorded = sorted(
        filter(lambda provider: not _current_numbers(page.db, environment, provider), providers)
    )
    return EnvironmentStatus(
        environment=_display_name(environment),
        deployed_versions=deployments.current_numbers(page.db, environment["id"], pacticipant["id"]),
        deployable=result.deployable,
        reasons=list(reasons),
        unrecorded=unrecorded,
        record_command=_command(
            page.broker_url,
            unrecorded[0] if len(unrecorded) == 1 else "NAME",
            "VERSION",
            target,
            deployable=True,
        ),
        verified_pacts=result.success,
        command=_command(page.broker_url, name, number, target, deployable=result.deployable),
        href=_matrix_url(page, name, number, target),
    )


def _current_numbers(db: Database, environment: Row, name: str) -> list[str]:
    pacticipant = pacticipants.find_by_name(db, name)
    return deployments.current_numbers(db, environment["id"], pacticipant["id"]) if pacticipant else []


def _command(broker_url: str, name: str, number: str, environment: str, *, deployable: bool | None) -> str:
    command, option = (
        ("record-deployment", "--environment") if deployable else ("can-i-deploy", "--to-environment")
    )
    words = [
        "pact-broker", command, "--pacticipant", name, "--version", number, option, environment,
        "--broker-base-url", broker_url,
    ]  # fmt: skip
    return shlex.join(words)


def _matrix_url(page: _Page, name: str, number: str, environment: str | None = None) -> str:
    """Return the address of the rows behind a decision, by the same rules."""
    parameters = {
        "q[][pacticipant]": name, "q[][version]": number, "latestby": "cvpv", "environment": environment,
        "rules": page.query.rules,
    }  # fmt: skip
    return url_of(page.base, "matrix", **{key: value for key, value in parameters.items() if value})


def _display_name(environment: Row) -> str:
    name: str = environment["display_name"] or environment["name"]
    return name
