"""Evaluate a matrix query: selectors to versions, versions to rows, rows to a decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from broker.database import Database, Row
from broker.domain.can_i_deploy import CanIDeployResult, evaluate
from broker.domain.matrix import IgnoreSelector, MatrixRow, ResolvedSelector, VersionFilter, latest_rows_by
from broker.domain.strict_rules import add_missing_results
from broker.store import matrix, pacticipants, versions
from broker.store.matrix import SelectedVersions

MAX_ROWS_OF_ALL_VERSIONS = 100
"""The rows of a query that names no versions; as many as the official broker considers of any query."""

CUT_WARNING = (
    f"Only the newest {MAX_ROWS_OF_ALL_VERSIONS} rows are considered, so that the answer cannot be yes: "
    "name a version, a branch, a tag or an environment, or give limit=NUMBER"
)

Integrations = set[tuple[int, int]]
"""(consumer, provider) ids."""


@dataclass(frozen=True, slots=True)
class QuerySelector:
    """An existing pacticipant and which of its versions are meant."""

    pacticipant: Row
    version_filter: VersionFilter


@dataclass(frozen=True, slots=True)
class MatrixQuery:
    """A query to the matrix.

    Attributes:
        selectors: the selectors, at least one.
        inferred_filter: which versions of all other pacticipants count; None when only the selected pacticipants do.
        ignored: pacticipants, or single versions (name, number), that do not count.
        latestby: how rows are grouped before only the newest of each group is kept; None keeps all rows.
        success: keeps the rows with one of these results (None: without a result); None keeps all rows.
        limit: the number of rows returned, newest first; None for all. The official rules also decide on these only.
        official_rules: decide by the rules of the official broker, without those of `broker.domain.strict_rules`.
    """

    selectors: Sequence[QuerySelector]
    inferred_filter: VersionFilter | None = None
    ignored: Sequence[tuple[str, str | None]] = ()
    latestby: str | None = None
    success: frozenset[bool | None] | None = None
    limit: int | None = None
    official_rules: bool = False

    @property
    def is_about_all_versions(self) -> bool:
        """Whether nothing limits the versions, so that the rows grow with every publication."""
        return self.inferred_filter is None and all(item.version_filter.is_empty for item in self.selectors)


@dataclass(slots=True)
class _ResolvedSelectors:
    """The versions of the selectors by pacticipant.

    Attributes:
        selection: the ids of the versions by pacticipant.
        selected: the selectors with their versions.
        count: the number of versions, with one for each selector without.
        in_environments: by name, the ids of the versions that were selected by an environment.
    """

    selection: SelectedVersions = field(default_factory=dict)
    selected: list[ResolvedSelector] = field(default_factory=list)
    count: int = 0
    in_environments: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def add(self, db: Database, selector: QuerySelector, *, required: bool) -> None:
        """Add the versions of a selector, which must have one if it is required."""
        pacticipant, version_filter = selector.pacticipant, selector.version_filter
        all_versions = version_filter.is_empty
        matches = [] if all_versions else matrix.matching_versions(db, pacticipant, version_filter)
        previous = self.selection.get(pacticipant["id"], [])
        merged = None if all_versions or previous is None else sorted({*previous, *matches})
        self.selection[pacticipant["id"]] = merged
        self.count += max(1, len(matches))
        resolved = ResolvedSelector(
            pacticipant=pacticipant["name"],
            number=version_filter.number,
            description=version_filter.describe(pacticipant["name"]),
            versions=tuple(matches),
            matches_all_versions=all_versions,
            missing=required and not all_versions and not matches,
        )
        self.selected.append(resolved)
        if version_filter.environment is not None:
            self.in_environments[pacticipant["name"]] = resolved.versions


def run_query(db: Database, query: MatrixQuery) -> CanIDeployResult:
    """Return the rows of a query and whether they allow a deployment."""
    resolved = _ResolvedSelectors()
    for selector in query.selectors:
        resolved.add(db, selector, required=True)
    queried = set(resolved.selection)
    # before the others are inferred: these rules are about the selectors that were sent
    single = _asks_about_one(query, resolved)
    warnings = _warnings(query, single=single)
    without_pacts = () if query.official_rules else _versions_without_pacts(db, query, resolved)
    if query.inferred_filter is not None:
        _add_inferred_selectors(db, resolved, query.inferred_filter)
    every_integration = single or query.inferred_filter is not None
    pairs, required = _integrations(db, resolved, queried, every_integration=every_integration)
    limit = _row_limit(query)
    rows = _rows(db, resolved, pairs, query, None if limit is None else limit + 1)
    cut = limit is not None and len(rows) > limit
    hides_rows = cut and not (query.official_rules and query.limit)
    if hides_rows:
        warnings.append(CUT_WARNING)
    result = evaluate(
        _grouped_rows(db, resolved, rows[:limit], query),
        resolved.selected, _names(db, required), _ignored(db, query.ignored), warnings, without_pacts,
    )  # fmt: skip
    if hides_rows and result.deployable:
        # rows that were not looked at may be failures, so a yes becomes unknown
        result = replace(result, deployable=None)
    return result if query.limit is None else replace(result, considered=result.considered[: query.limit])


def _row_limit(query: MatrixQuery) -> int | None:
    """Return how many rows are read, newest first; None for all, on which the decision then rests."""
    # by the official rules the decision rests on the limited rows: limit=1 can hide failed ones
    if query.official_rules and query.limit is not None:
        return query.limit
    return (query.limit or MAX_ROWS_OF_ALL_VERSIONS) if query.is_about_all_versions else None


def _asks_about_one(query: MatrixQuery, resolved: _ResolvedSelectors) -> bool:
    """Return whether the query names one side of the integrations only, so that all of them are looked at."""
    # by the official rules a selector with several versions looks at none and finds nothing missing
    several_versions = not query.official_rules and len(query.selectors) == 1 and len(resolved.selected) == 1
    return resolved.count == 1 or several_versions


def _versions_without_pacts(
    db: Database, query: MatrixQuery, resolved: _ResolvedSelectors
) -> list[tuple[str, str]]:
    """Return the names and numbers of the selected versions of consumers that have no pact."""
    found = []
    for query_selector, selector in zip(query.selectors, resolved.selected, strict=True):
        pacticipant = query_selector.pacticipant["id"]
        pairs = matrix.integrations_of(db, [pacticipant])
        # a version of a mere provider has none, and needs none
        if not pairs or any(consumer == pacticipant for consumer, _ in pairs):
            numbers = matrix.versions_without_pacts(db, selector.versions)
            found += [(selector.pacticipant, number) for number in numbers]
    return found


def _add_inferred_selectors(
    db: Database, resolved: _ResolvedSelectors, version_filter: VersionFilter
) -> None:
    queried = set(resolved.selection)
    partners = {pacticipant for pair in matrix.integrations_of(db, queried) for pacticipant in pair} - queried
    for row in pacticipants.list_by_ids(db, partners):
        # an inferred pacticipant may have no version in the environment: its row is then unknown, not missing
        resolved.add(db, QuerySelector(row, version_filter), required=False)


def _integrations(
    db: Database, resolved: _ResolvedSelectors, queried: set[int], *, every_integration: bool
) -> tuple[Integrations, Integrations]:
    """Return the integrations to look at, and those of them that must have a row."""
    required: Integrations = set()
    for consumer in queried:
        selected = resolved.selection[consumer]
        required |= set(
            matrix.providers_of_any_version(db, consumer)
            if selected is None
            else matrix.providers_of_versions(db, selected)
        )
    if every_integration:
        # consumers of a queried provider are looked at, but need not have a row
        as_provider = {pair for pair in matrix.integrations_of(db, queried) if pair[1] in queried}
        return required | as_provider, required
    between = {pair for pair in required if pair[1] in queried}
    return between, between


def _rows(
    db: Database, resolved: _ResolvedSelectors, pairs: Integrations, query: MatrixQuery, limit: int | None
) -> list[MatrixRow]:
    """Return the rows of the integrations, newest first."""
    # inferred selectors count here
    single = _asks_about_one(query, resolved)
    rows: list[MatrixRow] = []
    for consumer, provider in sorted(pairs):
        if single or (consumer in resolved.selection and provider in resolved.selection):
            rows += matrix.rows_between(
                db, consumer, provider, resolved.selection,
                # a single provider version has rows for its results only, not for other pacts
                all_results=query.latestby is None, unverified=not single or consumer in resolved.selection,
                limit=limit,
            )  # fmt: skip
    return sorted(rows, key=MatrixRow.sort_key)


def _grouped_rows(
    db: Database, resolved: _ResolvedSelectors, rows: list[MatrixRow], query: MatrixQuery
) -> list[MatrixRow]:
    latestby = query.latestby
    if not query.official_rules and resolved.in_environments:
        rows = add_missing_results(rows, _deployed_versions(db, resolved))
        # a coarser grouping hides all but the newest of the deployed versions
        latestby = latestby and "cvpv"
    # the official broker cuts before it groups
    rows = latest_rows_by(rows, latestby)
    # after the grouping, as at the official broker
    return rows if query.success is None else [row for row in rows if row.success in query.success]


def _deployed_versions(db: Database, resolved: _ResolvedSelectors) -> dict[str, list[tuple[int, str]]]:
    return {
        name: [(version, row["number"]) for version in ids if (row := versions.find_by_id(db, version))]
        for name, ids in resolved.in_environments.items()
    }


def _names(db: Database, pairs: Integrations) -> list[tuple[str, str]]:
    names = {row["id"]: row["name"] for row in pacticipants.list_all(db)}
    return [(names[consumer], names[provider]) for consumer, provider in pairs]


def _ignored(db: Database, ignored: Iterable[tuple[str, str | None]]) -> list[IgnoreSelector]:
    selectors = []
    for name, number in ignored:
        row = (
            pacticipants.find_by_name(db, name) if number is None else versions.find_version(db, name, number)
        )
        selectors.append(IgnoreSelector(name, number, known=row is not None))
    return selectors


def _warnings(query: MatrixQuery, *, single: bool) -> list[str]:
    warnings = []
    if single and query.inferred_filter in {None, VersionFilter(latest=True)}:
        warnings.append("No environment is given: versions in any environment, or in none, are considered")
    filters = [selector.version_filter for selector in query.selectors]
    if any(not item.is_empty for item in filters) and all(item.number is None for item in filters):
        warnings.append("No version number is given: the result may change while a pipeline runs")
    return warnings
