"""How a request finds its handler, and where that one runs."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from broker.app import RESOURCES
from broker.database import Database
from broker.read_workers import ReadWorkers, ReadWorkersMiddleware
from broker.routing import ResourceRouter, RouteIndex


def test_first_segment_of_every_path_is_no_parameter_and_no_parameter_contains_a_slash() -> None:
    """The index looks for a path by its first segment and the number of segments."""
    routes = [route for resource in RESOURCES for route in resource.router.routes]

    assert len(routes) > 100
    for route in routes:
        assert not route.path.startswith("/{")
        assert {convertor.regex for convertor in route.param_convertors.values()} <= {"[^/]+"}


async def test_first_route_that_matches_path_and_method_handles_the_request() -> None:
    """A route with another method is passed over, and a check runs before the handler only."""
    router, checked = ResourceRouter(), list[str]()

    @router.post("/a/{name:name}")
    async def post(_: Request) -> Response:
        return PlainTextResponse("posted")

    @router.get("/a/b")
    async def get(_: Request) -> Response:
        return PlainTextResponse("literal")

    @router.get("/a/{name:name}")
    async def get_by_name(request: Request) -> Response:
        return PlainTextResponse(request.path_params["name"])

    index = RouteIndex(router.routes, lambda request: checked.append(request.url.path))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(index), base_url="http://broker") as client:
        responses = [
            await client.request(method, path)
            for method, path in (
                ("GET", "/a/b"), ("GET", "/a/c"), ("POST", "/a/b"), ("PUT", "/a/b"), ("GET", "/a"), ("GET", "/b/b"),
            )
        ]  # fmt: skip

    assert [(response.status_code, response.text) for response in responses[:3]] == [
        (200, "literal"),
        (200, "c"),
        (200, "posted"),
    ]
    assert [response.status_code for response in responses[3:]] == [405, 404, 404]
    assert checked == ["/a/b", "/a/c", "/a/b"]


async def test_handler_of_a_get_request_that_waits_is_reported() -> None:
    """A worker has no event loop: a handler that waits for something would never go on."""

    async def waiting(_: Scope, __: Receive, ___: Send) -> None:
        await asyncio.sleep(0)

    database = Database(":memory:")
    app: ASGIApp = ReadWorkersMiddleware(waiting, ReadWorkers(database))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://broker") as client:
        with pytest.raises(RuntimeError, match="must not wait"):
            await client.get("/")
    database.close()
