"""The HTTP status and body of every error, in the formats the official clients read."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from broker.domain.json_document import encode_json
from broker.domain.media_types import asks_for
from broker.errors import (
    ContractConflictError,
    InvalidRequestError,
    IrreversibleChangeError,
    NotFoundError,
    PacticipantNotFoundError,
)
from broker.methods import allowed_methods
from broker.pages.templating import CONTENT_SECURITY_POLICY, render_page
from broker.problems import SERVER_ERROR, problem, validation_problem, wants_problem
from broker.sqlite_errors import DatabaseUnavailableError
from broker.web import BrokerHTTPError, accept_header, hal_response, page_base

NOT_FOUND_MESSAGE = "The requested document was not found on this server."
JSON_UTF8 = "application/json;charset=utf-8"
HEADINGS = {400: "This address is not valid", 404: "Nothing is here"}

logger = logging.getLogger("broker")


def register_error_handlers(app: Starlette) -> None:
    """Map the errors of the broker, of the framework and of the database to responses."""
    app.add_exception_handler(BrokerHTTPError, _http_error)
    app.add_exception_handler(InvalidRequestError, _invalid_request)
    app.add_exception_handler(NotFoundError, _not_found)
    app.add_exception_handler(PacticipantNotFoundError, _pacticipant_not_found)
    app.add_exception_handler(ContractConflictError, _conflict)
    app.add_exception_handler(IrreversibleChangeError, _irreversible_change)
    app.add_exception_handler(DatabaseUnavailableError, _database_unavailable)
    app.add_exception_handler(ClientDisconnect, _client_disconnected)
    app.add_exception_handler(HTTPException, _framework_error)
    app.add_exception_handler(Exception, _server_error)


async def _http_error(request: Request, error: Any) -> Response:
    if error.body is None:
        return Response(status_code=error.status)
    if not wants_problem(request):
        return hal_response(error.body, error.status)
    if "errors" in error.body:
        return validation_problem(request, error.body["errors"], error.status)
    return problem(request, error.status, error.body["error"])


async def _invalid_request(request: Request, error: Any) -> Response:
    if wants_problem(request):
        return validation_problem(request, error.errors, 400)
    if _wants_page(request):
        return _error_page(request, 400, _messages(error.errors))
    return hal_response({"errors": error.errors}, 400)


async def _not_found(request: Request, __: Exception) -> Response:
    if wants_problem(request):
        return problem(request, 404, NOT_FOUND_MESSAGE)
    if _wants_page(request):
        return _error_page(request, 404, [NOT_FOUND_MESSAGE])
    return Response(encode_json({"error": NOT_FOUND_MESSAGE}), 404, media_type=JSON_UTF8)


async def _pacticipant_not_found(request: Request, error: Exception) -> Response:
    if wants_problem(request):
        return problem(request, 404, str(error))
    if _wants_page(request):
        return _error_page(request, 404, [str(error)])
    return hal_response({"error": str(error)}, 404)


async def _conflict(request: Request, error: Any) -> Response:
    if wants_problem(request):
        return problem(request, 409, "\n".join(error.messages))
    # not HAL, as at the official broker
    notices = [{"type": "error", "text": message} for message in error.messages]
    body = {"notices": notices, "errors": {"contracts": error.messages}}
    return Response(encode_json(body), 409, media_type=JSON_UTF8)


async def _irreversible_change(request: Request, error: Any) -> Response:
    errors = {error.field: [str(error)]}
    return (
        validation_problem(request, errors, 422)
        if wants_problem(request)
        else hal_response({"errors": errors}, 422)
    )


async def _framework_error(request: Request, error: Any) -> Response:
    # the official 404 is never empty; 405 and 406 have no body
    if error.status_code == 404:
        return await _not_found(request, error)
    if error.status_code == 405:
        # the framework names only the methods of the first route with this path
        return Response(
            status_code=405,
            headers={"Allow": ", ".join(allowed_methods(request.app.state.routes, request.scope))},
        )
    return Response(status_code=error.status_code, headers=error.headers)


async def _client_disconnected(_: Request, __: Exception) -> Response:
    # the client has gone, but without a handler the log would have a traceback
    return Response(status_code=400)


async def _database_unavailable(request: Request, error: Exception) -> Response:
    # the official CLI tries again after a 5xx
    return _error_with_reference(request, error, 503, str(error))


async def _server_error(request: Request, error: Exception) -> Response:
    return _error_with_reference(request, error, 500, "The broker failed")


def _error_with_reference(request: Request, error: Exception, status: int, message: str) -> Response:
    reference = uuid.uuid4().hex[:10]
    # as it was sent: a decoded path may have characters that a log cannot be written with
    path = request.scope.get("raw_path", b"").decode("latin-1")
    # the reason of a database that is not available is known, and every request repeats it
    trace = error if status == 500 else None
    logger.error("%s: %s %s failed: %s", reference, request.method, path, message, exc_info=trace)
    text = f"{message}; the broker's log has the details under the reference {reference}"
    if wants_problem(request):
        return problem(request, status, text, SERVER_ERROR)
    if _wants_page(request):
        return _error_page(request, status, [text])
    return hal_response({"error": {"message": text, "reference": reference}}, status)


def _wants_page(request: Request) -> bool:
    """Return whether a browser shows the response; requests that write come from clients."""
    return request.method == "GET" and asks_for(accept_header(request), "text/html")


def _error_page(request: Request, status: int, messages: Sequence[str]) -> Response:
    heading = HEADINGS.get(status, "The broker cannot answer now")
    page = render_page("error.html", page_base(request), "", heading=heading, messages=messages)
    return HTMLResponse(page, status, {"Content-Security-Policy": CONTENT_SECURITY_POLICY})


def _messages(errors: Mapping[str, Sequence[str]] | Sequence[str]) -> list[str]:
    if not isinstance(errors, Mapping):
        return list(errors)
    return [f"{field}: {text}" if field else text for field, texts in errors.items() for text in texts]
