"""Access of each kind of caller to each route."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from local_stack.stack import Stack
from tests.integration.access_matrix import (
    ACCESS_MATRIX,
    ALL_CALLERS,
    CALLERS,
    ROLES,
    WEBHOOKS,
    WEBSOCKETS,
)
from tests.integration.accounts import create_api_key, create_user, login_client
from tests.integration.api import ApiClient
from tests.integration.data import PASSWORD
from tests.integration.ids import IdFactory


@pytest.fixture(scope="session")
def callers(stack: Stack, admin: ApiClient, worker_id: str) -> Iterator[dict[str, ApiClient]]:
    """A client of each kind of caller."""
    names = IdFactory(f"access{worker_id}")
    clients = {"anonymous": ApiClient(stack.url)}
    for role in ROLES:
        email = names.email()
        create_user(admin, email, PASSWORD, role)
        clients[role] = login_client(stack.url, email, PASSWORD)
    clients["service"] = ApiClient(
        stack.url, {"X-API-Key": create_api_key(admin, "call:start", "call:end")["key"]}
    )
    yield clients
    for api in clients.values():
        api.close()


class TestRoleBasedAccess:
    """Every route and every kind of caller."""

    @pytest.mark.critical
    def test_access_matrix_covers_every_route(self, anonymous: ApiClient) -> None:
        """A route without an entry fails here."""
        document = anonymous.get_json("/openapi.json")

        routes = {(method.upper(), path) for path, item in document["paths"].items() for method in item}

        assert routes == set(ACCESS_MATRIX)

    @pytest.mark.parametrize("caller", CALLERS)
    @pytest.mark.parametrize("route", ACCESS_MATRIX, ids=" ".join)
    def test_access_matrix(self, callers: dict[str, ApiClient], route: tuple[str, str], caller: str) -> None:
        """Each route responds to each kind of caller as the matrix says."""
        access = ACCESS_MATRIX[route]
        expected = 401 if access.path in WEBHOOKS else access.expected_status(caller)

        response = callers[caller].http.request(route[0], access.path, json=access.body)

        assert response.status_code == expected
        if expected in {401, 403}:
            codes = {401: "AUTHENTICATION_ERROR", 403: "AUTHORIZATION_ERROR"}
            assert response.json()["error"]["code"] == codes[expected]

    @pytest.mark.parametrize("caller", CALLERS)
    @pytest.mark.parametrize("path", WEBSOCKETS)
    def test_websocket_access(self, callers: dict[str, ApiClient], path: str, caller: str) -> None:
        """The handshake is accepted or gets the response that a request would get."""
        api = callers[caller]
        denied = 401 if caller == "anonymous" else 403
        expected = 101 if caller in WEBSOCKETS[path] else denied

        try:
            with connect(f"ws{api.url.removeprefix('http')}{path}", additional_headers=api.headers) as socket:
                status = socket.response.status_code if socket.response else None
        except InvalidStatus as rejection:
            status = rejection.response.status_code

        assert status == expected

    @pytest.mark.parametrize(
        "route",
        [
            route
            for route, access in ACCESS_MATRIX.items()
            if route[0] == "POST" and "anonymous" not in access.allowed
        ],
        ids=" ".join,
    )
    def test_unauthenticated_request_gets_401_before_validation(
        self, anonymous: ApiClient, route: tuple[str, str]
    ) -> None:
        """Credentials are checked before the body is read."""
        response = anonymous.http.post(
            ACCESS_MATRIX[route].path, content=b"{", headers={"Content-Type": "application/json"}
        )

        assert response.status_code == 401

    def test_api_document_declares_security_of_protected_routes(self, anonymous: ApiClient) -> None:
        """Client generators read the security schemes."""
        document = anonymous.get_json("/openapi.json")

        protected = {
            (method.upper(), path)
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if operation.get("security")
        }

        open_routes = {route for route, access in ACCESS_MATRIX.items() if access.allowed == ALL_CALLERS}
        assert protected == set(ACCESS_MATRIX) - open_routes - {("POST", path) for path in WEBHOOKS}
