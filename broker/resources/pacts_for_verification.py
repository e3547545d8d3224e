"""The pacts a provider is to verify."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.domain.pact_url_metadata import PactUrlMetadata
from broker.domain.verification_request import parse_verification_request
from broker.errors import InvalidRequestError
from broker.resources.links import pact_name, pact_path
from broker.resources.lookups import require_pacticipant
from broker.resources.verification_query import parse_verification_query
from broker.routing import ResourceRouter
from broker.services.pacts_for_verification import WIP_REASON, PactToVerify, list_pacts_to_verify
from broker.store import environments
from broker.web import database, hal_response, link, read_json_body, url, uses_official_rules

router = ResourceRouter()
BEFORE = "before_verification"
DEPRECATION_NOTICE = "GET of pacts for verification is deprecated: use a Pact library that sends POST"
REASON_ORDER = (
    "latest",
    "latest from main",
    "latest from branch",
    "latest with tag",
    "one of",
    "deployed",
    "released",
)


@router.get("/pacts/provider/{provider:name}/for-verification")
async def get_for_verification(request: Request) -> Response:
    """List the pacts that a query in the former form selects, or those of the default selection."""
    pairs = [(key, value) for key, value in request.query_params.multi_items() if key != "rules"]
    return _respond(request, parse_verification_query(pairs), (DEPRECATION_NOTICE,))


@router.post("/pacts/provider/{provider:name}/for-verification")
async def post_for_verification(request: Request) -> Response:
    """List the pacts that the consumer version selectors select."""
    body = await read_json_body(request)
    # a query, although it is sent by POST
    response: Response = await request.app.state.read_workers.run(_respond, request, body)
    return response


def _respond(request: Request, body: dict[str, Any], first_notices: Sequence[str] = ()) -> Response:
    db, provider = database(request), require_pacticipant(request, "provider")
    known_environments = {row["name"] for row in environments.list_all(db)}
    verification_request, errors = parse_verification_request(body, known_environments)
    if verification_request is None:
        raise InvalidRequestError(errors)
    if uses_official_rules(request):
        verification_request = verification_request.without_fallback_branches()
    pacts = list_pacts_to_verify(db, provider, verification_request)
    bodies = [_pact_body(request, item, provider["name"], first_notices) for item in pacts]
    self_link = link(
        url(request, "pacts", "provider", provider["name"], "for-verification"), "Pacts to be verified"
    )
    return hal_response({"_embedded": {"pacts": bodies}, "_links": {"self": self_link}})


def _pact_body(
    request: Request, item: PactToVerify, provider: str, first_notices: Sequence[str]
) -> dict[str, Any]:
    pact = item.pact
    metadata = PactUrlMetadata(consumer_version=pact["version_number"], wip=item.wip).encode()
    href = url(request, *pact_path(pact), "pact-version", pact["sha"], "metadata", metadata)
    properties: dict[str, Any] = {} if item.pending is None else {"pending": item.pending}
    if item.wip:
        properties["wip"] = True
    # required: a pact without notices makes the verifier read the whole response as empty
    notices = [*((BEFORE, text) for text in first_notices), *_notices(item, provider)]
    properties["notices"] = [{"when": when, "text": text} for when, text in notices]
    return {
        "shortDescription": ", ".join(sorted(item.reasons, key=_reason_rank)),
        "verificationProperties": properties,
        "_links": {"self": link(href, name=pact_name(pact))},
    }


def _reason_rank(reason: str) -> int:
    if reason == WIP_REASON:
        return 0
    # several prefixes may match, and the later ones are more specific
    return max(rank for rank, prefix in enumerate(REASON_ORDER) if reason.startswith(prefix))


def _notices(item: PactToVerify, provider: str) -> Iterator[tuple[str, str]]:
    reasons = ", ".join(item.reasons)
    yield BEFORE, f"{pact_name(item.pact)} is verified because it is {reasons}"
    if item.pending is None:
        return
    if not item.pending:
        yield BEFORE, f"{provider} has verified this pact before: a failure is an error"
        return
    yield (
        BEFORE,
        f"This pact is pending: {provider} has not verified it yet, so a failure is not an error",
    )
    still_pending = f"This pact is still pending for {provider}: "
    yield "after_verification:success_true_published_false", still_pending + "the success was not published"
    yield "after_verification:success_false_published_false", still_pending + "the verification failed"
    yield "after_verification:success_true_published_true", f"This pact is no longer pending for {provider}"
    yield "after_verification:success_false_published_true", still_pending + "the verification failed"
