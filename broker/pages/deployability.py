"""The first page: can the newest main-branch version of each pacticipant go to each environment, and if not, why not."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

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
    """Whether the newest version can be deployed to one environment, and the command to run next."""

    environment: str
    deployed_versions: list[str]
    deployable: bool | None
    reasons: list[str]
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


def render_deployability(db: Database, base: str, search: str, page: int) -> str:
    """Return the page as HTML.

    Args:
        db: the database.
        base: the broker's URL.
        search: a part of the names that are shown, in any case.
        page: the number of the page, from 1.
    """
    all_environments = environments.list_all(db)
    url = url_of(base, "", **({"q": search} if search else {}))
    paged = page_of(pacticipants.list_with_versions(db, search), page, PACTICIPANTS_ON_A_PAGE, url)
    newest = [(row, version) for row in paged.items if (version := _newest_version(db, row))]
    rows = [_row(db, base, *item, all_environments) for item in newest]
    return render_page(
        "deployability.html", base, "/", rows=rows, environments=[_display_name(item) for item in all_environments],
        search=search, paged=paged, counts=statistics.count_rows(db),
    )  # fmt: skip


def _newest_version(db: Database, pacticipant: Row) -> Row | None:
    """Return the head of the main branch, or the newest version if there is no such branch."""
    main = pacticipant["main_branch"]
    head = branches.branch_head(db, pacticipant["id"], main) if main else None
    if head is not None:
        return versions.find_by_id(db, head)
    return versions.latest_version(db, pacticipant["name"])


def _row(
    db: Database, base: str, pacticipant: Row, version: Row, all_environments: Sequence[Row]
) -> PacticipantRow:
    on_branches = [row["name"] for row in branches.branches_of(db, version["id"])]
    main = pacticipant["main_branch"]
    name, number = pacticipant["name"], version["number"]
    return PacticipantRow(
        name=name,
        href=pacticipant_url(base, name),
        version_href=_matrix_url(base, name, number, {}),
        number=number,
        created_at=format_time(version["created"]),
        branch=main if main in on_branches else on_branches[-1] if on_branches else None,
        statuses=[_status(db, base, pacticipant, version, item) for item in all_environments],
    )


def _status(db: Database, base: str, pacticipant: Row, version: Row, environment: Row) -> EnvironmentStatus:
    name, number, target = pacticipant["name"], version["number"], environment["name"]
    # grouped as the official CLI does when an environment is given
    query = MatrixQuery(
        selectors=[QuerySelector(pacticipant, VersionFilter(number=number))],
        inferred_filter=VersionFilter(environment=target),
        latestby="cvpv",
    )
    result = run_query(db, query)
    # without duplicates: there is one notice per row, and rows repeat the same text
    reasons = dict.fromkeys(notice.text for notice in result.notices if notice.type == "error")
    return EnvironmentStatus(
        environment=_display_name(environment),
        deployed_versions=deployments.current_numbers(db, environment["id"], pacticipant["id"]),
        deployable=result.deployable,
        reasons=list(reasons),
        verified_pacts=result.success,
        command=_command(base, name, number, target, deployable=result.deployable),
        href=_matrix_url(base, name, number, {"environment": target}),
    )


def _command(base: str, name: str, number: str, environment: str, *, deployable: bool | None) -> str:
    command, option = (
        ("record-deployment", "--environment") if deployable else ("can-i-deploy", "--to-environment")
    )
    words = [
        "pact-broker", command, "--pacticipant", name, "--version", number, option, environment,
        "--broker-base-url", base,
    ]  # fmt: skip
    return shlex.join(words)


def _matrix_url(base: str, name: str, number: str, target: dict[str, str]) -> str:
    selector = {"q[][pacticipant]": name, "q[][version]": number, "latestby": "cvpv"}
    return url_of(base, "matrix", **selector, **target)


def _display_name(environment: Row) -> str:
    name: str = environment["display_name"] or environment["name"]
    return name
