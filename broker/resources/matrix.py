"""The matrix, and whether a version may be deployed."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.domain.can_i_deploy import CanIDeployResult, MatrixRow
from broker.errors import bad_request
from broker.resources import matrix_query
from broker.resources.metadata import PactUrlMetadata
from broker.services.matrix import MatrixQuery, QuerySelector, run_query
from broker.store import environments, pacticipants
from broker.store.matrix import VersionFilter
from broker.web import database, format_timestamp, hal_response, link, url

router = APIRouter()


@router.get("/matrix")
async def get_matrix(request: Request) -> Response:
    """Rows of consumer versions, provider versions and results, and what follows from them."""
    question = matrix_query.parse_matrix_query(database(request), request.query_params.multi_items())
    return hal_response(_body(request, run_query(database(request), question)))


@router.get("/can-i-deploy")
async def can_i_deploy(request: Request) -> Response:
    """The same for one version and one target."""
    return hal_response(_body(request, run_query(database(request), _question(request))))


def _question(request: Request) -> MatrixQuery:
    db, query = database(request), request.query_params
    name, environment, tag = query.get("pacticipant"), query.get("environment"), query.get("to")
    errors = {field: ["is missing"] for field in ("pacticipant", "version") if not query.get(field)}
    pacticipant = pacticipants.find_by_name(db, name) if name else None
    if name and pacticipant is None:
        errors["pacticipant"] = [f"Pacticipant {name} not found"]
    if bool(environment) == bool(tag):
        errors[""] = ["either an environment or a tag (to) must be given"]
    if environment and not environments.by_name(db, environment):
        errors["environment"] = [f"Environment with name '{environment}' does not exist"]
    if errors or pacticipant is None:
        raise bad_request(errors)
    others = VersionFilter(environment=environment) if environment else VersionFilter(tag=tag, latest=True)
    named = [
        value for key, value in query.multi_items() if key in {"ignore[]", "ignore[][pacticipant]"} and value
    ]
    return MatrixQuery(
        selectors=[QuerySelector(pacticipant, VersionFilter(number=query["version"]))],
        inferred_filter=others,
        ignored=[(one, None) for one in named],
        latestby="cvpv" if environment else "cvp",
    )


def _body(request: Request, judgement: CanIDeployResult) -> dict[str, Any]:
    known: dict[int, dict[str, Any]] = {}
    rows = [_row(request, row, known) for row in judgement.considered]
    rows += [{**_row(request, row, known), "ignored": True} for row in judgement.ignored]
    summary: dict[str, Any] = {
        "deployable": judgement.deployable,
        "reason": "\n".join(notice.text for notice in judgement.notices),
        "success": judgement.success,
        "failed": judgement.failed,
        "unknown": judgement.unknown,
    }
    if judgement.ignoring:
        summary["ignored"] = len(judgement.ignored)
    notices = [{"type": notice.type, "text": notice.text} for notice in judgement.notices]
    return {"summary": summary, "notices": notices, "matrix": rows}


def _row(request: Request, row: MatrixRow, known: dict[int, dict[str, Any]]) -> dict[str, Any]:
    def party(name: str, version: int | None) -> dict[str, Any]:
        if version is not None and version not in known:
            known[version] = _version(request, name, version)
        own = {"self": link(url(request, "pacticipants", name))}
        return {"name": name, "version": None if version is None else known[version], "_links": own}

    pair = ("pacts", "provider", row.provider, "consumer", row.consumer)
    return {
        "consumer": party(row.consumer, row.consumer_version_id),
        "provider": party(
            row.provider, row.provider_version_id if row.provider_version is not None else None
        ),
        "pact": {
            "createdAt": format_timestamp(row.published),
            "_links": {"self": link(url(request, *pair, "version", row.consumer_version))},
        },
        "verificationResult": _result(request, row, pair),
    }


def _result(request: Request, row: MatrixRow, pair: tuple[str, ...]) -> dict[str, Any] | None:
    if row.result is None or row.verified is None:
        return None
    metadata = PactUrlMetadata(consumer_version=row.consumer_version).encode()
    own = (*pair, "pact-version", row.sha, "metadata", metadata, "verification-results", str(row.result))
    return {
        "success": row.success,
        "verifiedAt": format_timestamp(row.verified),
        "_links": {"self": link(url(request, *own))},
    }


def _version(request: Request, name: str, identifier: int) -> dict[str, Any]:
    db = database(request)
    number = db.fetch_value("SELECT number FROM versions WHERE id = ?", identifier)
    branches = [_branch(request, name, number, row) for row in pacticipants.branches_of(db, identifier)]
    return {
        "number": number,
        "branch": branches[-1]["name"] if branches else None,
        "branches": branches,
        "branchVersions": branches,
        "environments": [
            _environment(request, row)
            for row in environments.list_for_version(db, identifier)
            if row["ended"] is None
        ],
        "tags": [_tag(request, name, number, row) for row in pacticipants.tags_of(db, identifier)],
        "_links": {"self": link(url(request, "pacticipants", name, "versions", number))},
    }


def _branch(request: Request, name: str, number: str, row: Row) -> dict[str, Any]:
    href = url(request, "pacticipants", name, "branches", row["name"], "versions", number)
    own = {"self": link(href, "Branch version", row["name"])}
    return {"name": row["name"], "latest": bool(row["latest"]), "_links": own}


def _tag(request: Request, name: str, number: str, row: Row) -> dict[str, Any]:
    href = url(request, "pacticipants", name, "versions", number, "tags", row["name"])
    return {"name": row["name"], "latest": bool(row["latest"]), "_links": {"self": link(href)}}


def _environment(request: Request, row: Row) -> dict[str, Any]:
    return {
        "uuid": row["environment_uuid"],
        "name": row["environment_name"],
        "displayName": row["environment_display_name"] or row["environment_name"],
        "production": bool(row["production"]),
        "_links": {"self": link(url(request, "environments", row["environment_uuid"]))},
    }
