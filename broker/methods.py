"""The HTTP methods of a path: for OPTIONS, and for the `Allow` header of a 405."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def allowed_methods(routes: Iterable[BaseRoute], scope: Scope) -> list[str]:
    """Return the methods of the request's path with OPTIONS, or nothing if the path does not exist."""
    methods: set[str] = set()
    for route in routes:
        if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    if "GET" in methods:
        methods.add("HEAD")
    return [method for method in METHODS if method in methods] + (["OPTIONS"] if methods else [])


class OptionsMiddleware:
    """Responds to OPTIONS with the methods of the path.

    Args:
        app: the application.
        routes: its routes.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond, or forward a request with another method or to an unknown path."""
        asked = scope["type"] == "http" and scope["method"] == "OPTIONS"
        methods = allowed_methods(self._routes, scope) if asked else []
        if not methods:
            await self._app(scope, receive, send)
            return
        value = ", ".join(methods).encode()
        # the official broker sends only the second one
        headers = [(b"allow", value), (b"access-control-allow-methods", value), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
