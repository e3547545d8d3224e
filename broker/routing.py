"""Routes of resources, registered by decorators and found by the shape of a path instead of one after another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]
E = TypeVar("E", bound=Endpoint)


class ResourceRouter:
    """The routes of one resource.

    Args:
        route_class: the class of the routes.
    """

    def __init__(self, route_class: type[Route] = Route) -> None:
        self.routes: list[Route] = []
        self._route_class = route_class

    def get(self, path: str) -> Callable[[E], E]:
        """Return a decorator that registers a handler of GET."""
        return self._register(path, "GET")

    def post(self, path: str) -> Callable[[E], E]:
        """Return a decorator that registers a handler of POST."""
        return self._register(path, "POST")

    def put(self, path: str) -> Callable[[E], E]:
        """Return a decorator that registers a handler of PUT."""
        return self._register(path, "PUT")

    def patch(self, path: str) -> Callable[[E], E]:
        """Return a decorator that registers a handler of PATCH."""
        return self._register(path, "PATCH")

    def delete(self, path: str) -> Callable[[E], E]:
        """Return a decorator that registers a handler of DELETE."""
        return self._register(path, "DELETE")

    def _register(self, path: str, method: str) -> Callable[[E], E]:
        def register(endpoint: E) -> E:
            self.routes.append(self._route_class(path, endpoint, methods=[method]))
            return endpoint

        return register


class RouteIndex(BaseRoute):
    """Finds the first route that matches a request among those whose path has as many segments and the same first one.

    Args:
        routes: the routes; each parameter of a path is one segment, and the first segment is not a parameter.
        checks: functions that refuse a request by an error before its handler runs.
    """

    def __init__(self, routes: Iterable[Route], *checks: Callable[[Request], None]) -> None:
        self._routes: defaultdict[tuple[int, str], list[Route]] = defaultdict(list)
        self._checks = checks
        for route in routes:
            self._routes[_shape(route.path)].append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return how the best route matches; the scope for it names the route."""
        partial: tuple[Match, Scope] = (Match.NONE, {})
        for route in self._routes.get(_shape(scope["path"]), ()) if scope["type"] == "http" else ():
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                return match, {**child_scope, "route": route}
            if match is Match.PARTIAL and partial[0] is Match.NONE:
                partial = match, {**child_scope, "route": route}
        return partial

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request and handle it by its route; one with another method is refused by the route."""
        route: Route = scope["route"]
        if scope["method"] in (route.methods or ()):
            request = Request(scope)
            for check in self._checks:
                check(request)
        await route.handle(scope, receive, send)


def _shape(path: str) -> tuple[int, str]:
    return path.count("/"), path[1:].partition("/")[0]
