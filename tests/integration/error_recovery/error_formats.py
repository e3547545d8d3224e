"""Every error of every route has one format."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from local_stack.stack import ADMIN, WEBHOOK_SECRET, Stack, run_stack
from tests.integration.access_matrix import ACCESS_MATRIX, WEBHOOKS
from tests.integration.accounts import MakeUser, login_client
from tests.integration.api import ApiClient
from tests.integration.deployment import require_local_stack
from tests.integration.error_format import error_problems
from tests.integration.settings import LENIENT_SETTINGS
from tests.integration.waiting import wait_until
from tests.redis_server import RedisServer, redis_server

Route = tuple[str, str]
Problems = dict[Route, list[str]]
OPEN_ROUTES = {route for route, access in ACCESS_MATRIX.items() if "anonymous" in access.allowed}
PROTECTED_ROUTES = set(ACCESS_MATRIX) - OPEN_ROUTES - {("POST", path) for path in WEBHOOKS}
LIMIT = 3
METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
OVERSIZE = 1 << 40
SOCKET_TIMEOUT_SECONDS = 60.0


@pytest.fixture(scope="class")
def limited_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, RedisServer]]:
    """A service that three requests exhaust, with a Redis of its own."""
    require_local_stack("needs settings of its own")
    with redis_server() as redis:
        settings = {**LENIENT_SETTINGS, "RATE_LIMIT": str(LIMIT), "REDIS_URL": redis.url}
        with run_stack(tmp_path_factory.mktemp("limited"), settings) as stack:
            yield stack, redis


@pytest.fixture
def document(anonymous: ApiClient) -> dict[Route, dict[str, Any]]:
    """The operations of the API document, by method and path."""
    paths = anonymous.get_json("/openapi.json")["paths"]
    return {
        (method.upper(), path): operation
        for path, item in paths.items()
        for method, operation in item.items()
    }


def restart(stack: Stack, redis: RedisServer) -> None:
    """Start Redis without any data, and wait until the service uses it."""
    redis.kill()
    redis.start()
    wait_until(lambda: httpx.get(f"{stack.url}/readyz").status_code == 200, "the service is ready")


def request(api: ApiClient, route: Route, **options: Any) -> httpx.Response:
    """Send the request of the access matrix, with what `options` replace."""
    access = ACCESS_MATRIX[route]
    return api.http.request(route[0], access.path, **{"json": access.body, **options})


def problems_of(
    routes: set[Route],
    expected: int,
    document: dict[Route, dict[str, Any]],
    send: Callable[[Route], httpx.Response],
) -> Problems:
    """Send a request to each route; return what is wrong with the responses, and statuses that are not documented."""
    problems: Problems = {}
    for route in sorted(routes):
        response = send(route)
        route_problems = error_problems(response.status_code, expected, response.headers, response.text)
        if str(expected) not in document[route]["responses"]:
            route_problems.append(f"{expected} is not documented")
        if route_problems:
            problems[route] = route_problems
    return problems


class TestErrorFormats:
    """Statuses, codes, fields and headers of errors, for the routes of the API document."""

    def test_unauthenticated(self, anonymous: ApiClient, document: dict[Route, dict[str, Any]]) -> None:
        """401 of every protected route and of the webhooks."""
        routes = set(document) - OPEN_ROUTES

        assert problems_of(routes, 401, document, lambda route: request(anonymous, route)) == {}
        assert len(routes) > 15

    def test_forbidden(self, make_user: MakeUser, document: dict[Route, dict[str, Any]]) -> None:
        """403 of every route that a viewer may not use."""
        viewer = make_user("viewer")
        routes = {route for route in PROTECTED_ROUTES if "viewer" not in ACCESS_MATRIX[route].allowed}

        assert problems_of(routes, 403, document, lambda route: request(viewer, route)) == {}

    def test_not_found(self, admin: ApiClient, document: dict[Route, dict[str, Any]]) -> None:
        """404 of what does not exist, and of paths without a route."""
        routes = {route for route in PROTECTED_ROUTES if ACCESS_MATRIX[route].status == 404}
        unknown = [admin.get(path) for path in ("/nowhere", "/auth", "/healthz/", "//", "/%00")]

        assert problems_of(routes, 404, document, lambda route: request(admin, route)) == {}
        assert [error_problems(r.status_code, 404, r.headers, r.text) for r in unknown] == [[]] * len(unknown)
        assert len(routes) >= 5

    def test_method_not_allowed(self, admin: ApiClient, document: dict[Route, dict[str, Any]]) -> None:
        """405 of every path, for every method that it does not have."""
        paths = {path for _, path in document}
        missing = [(method, path) for method in METHODS for path in paths if (method, path) not in document]
        urls = {path: access.path for (_, path), access in ACCESS_MATRIX.items()}

        responses = {route: admin.http.request(route[0], urls[route[1]]) for route in missing}

        problems = {
            route: error_problems(response.status_code, 405, response.headers, response.text)
            for route, response in responses.items()
        }
        assert {route: texts for route, texts in problems.items() if texts} == {}
        assert all(route[0] not in response.headers["Allow"] for route, response in responses.items())

    def test_body_too_long(self, admin: ApiClient, document: dict[Route, dict[str, Any]]) -> None:
        """413 of every route with a body, before a byte of it is sent."""
        routes = {route for route, operation in document.items() if "requestBody" in operation}
        url = urlsplit(admin.url)
        problems: Problems = {}
        for method, path in sorted(routes):
            connection = http.client.HTTPConnection(url.hostname or "", url.port, SOCKET_TIMEOUT_SECONDS)
            # the secret of Apaleo's webhook is checked before the body is read
            connection.putrequest(method, f"{ACCESS_MATRIX[method, path].path}?secret={WEBHOOK_SECRET}")
            headers = {**admin.headers, "Content-Type": "application/json", "Content-Length": str(OVERSIZE)}
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            text = response.read().decode()
            if route_problems := error_problems(response.status, 413, response.headers, text):
                problems[method, path] = route_problems
            connection.close()

        assert problems == {}
        assert len(routes) >= 10

    @pytest.mark.parametrize(
        "body",
        [b"{", b'{"surprise": 1}', b"[]", b'"x"', b"\xff", b'{"a": "\\ud800"}', b"[" * 10_000],
    )
    def test_invalid_body(
        self, make_user: MakeUser, document: dict[Route, dict[str, Any]], body: bytes
    ) -> None:
        """422 of every route with a JSON body."""
        # a user of the test's own, because a body that is taken for valid would end the session
        admin = make_user("admin")
        routes = {
            route
            for route, operation in document.items()
            if "application/json" in operation.get("requestBody", {}).get("content", {})
        } - {("POST", path) for path in WEBHOOKS}

        def send(route: Route) -> httpx.Response:
            headers = {"Content-Type": "application/json"}
            return request(admin, route, json=None, content=body, headers=headers)

        assert problems_of(routes, 422, document, send) == {}
        assert len(routes) >= 8

    def test_rate_limited(
        self, limited_stack: tuple[Stack, RedisServer], document: dict[Route, dict[str, Any]]
    ) -> None:
        """429 of every route but the three for operators, with all headers of a rate limit."""
        stack, _ = limited_stack
        api = login_client(stack.url, *ADMIN)
        routes = set(document) - {("GET", path) for path in ("/healthz", "/readyz", "/metrics")}

        def send(route: Route) -> httpx.Response:
            response = request(api, route)
            for _ in range(LIMIT):
                response = request(api, route)
            return response

        problems = problems_of(routes, 429, document, send)
        headers = request(api, ("GET", "/auth/profile")).headers
        api.close()

        assert problems == {}
        assert headers.keys() >= {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}

    def test_unavailable(
        self, limited_stack: tuple[Stack, RedisServer], document: dict[Route, dict[str, Any]]
    ) -> None:
        """503 of every route that needs a session, of logins and of readiness while Redis is away."""
        stack, redis = limited_stack
        # the other tests of the class may have used the limits up
        restart(stack, redis)
        api = login_client(stack.url, *ADMIN)
        redis.kill()
        routes = PROTECTED_ROUTES | {("GET", "/readyz"), ("POST", "/auth/login"), ("POST", "/auth/refresh")}
        bodies = {
            "/auth/login": {"email": ADMIN[0], "password": ADMIN[1]},
            "/auth/refresh": {"refresh_token": "x" * 40},
        }

        def send(route: Route) -> httpx.Response:
            return request(api, route, json=bodies.get(route[1], ACCESS_MATRIX[route].body))

        problems = problems_of(routes, 503, document, send)
        restart(stack, redis)
        api.close()

        assert problems == {}

    @pytest.mark.parametrize(
        "sent",
        [
            b"GARBAGE\r\n\r\n",
            b"GET /healthz HTTP/9.9\r\n\r\n",
            b"GET /healthz HTTP/1.1\r\nBad Header\r\n\r\n",
            b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"POST /auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ],
        ids=["no request", "version", "header", "length", "two lengths", "length and chunks", "chunk"],
    )
    def test_malformed_http(self, stack: Stack, sent: bytes) -> None:
        """400, after which the connection is closed."""
        url = urlsplit(stack.url)
        with socket.create_connection((url.hostname, url.port or 80), SOCKET_TIMEOUT_SECONDS) as connection:
            connection.sendall(sent)
            response = http.client.HTTPResponse(connection)
            response.begin()
            text = response.read().decode()
            rest = connection.recv(1)

        assert error_problems(response.status, 400, response.headers, text) == []
        assert (response.headers["Connection"], rest) == ("close", b"")
