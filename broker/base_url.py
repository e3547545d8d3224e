"""ASGI middleware that replaces what a client says about addresses by what can be trusted.

Links are made from the request's scheme and host, so a `Host` header that anybody may send would point clients elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from broker.addresses import is_allowed_host, parse_address, parse_authority
from broker.settings import Settings

DEFAULT_PORTS = {"http": 80, "https": 443}


class BaseUrlMiddleware:
    """Sets the scheme, the host and the client's address of each request.

    Args:
        app: the application behind it.
        settings: base URLs, allowed hosts and trusted proxies.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._base_urls = {_origin(url): url for url in settings.base_urls}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request with its trusted addresses."""
        await self._app(self._with_addresses(scope) if scope["type"] == "http" else scope, receive, send)

    def _with_addresses(self, scope: Scope) -> Scope:
        headers = Headers(scope=scope)
        is_from_proxy = self._is_proxy(scope["client"][0]) if scope.get("client") else False
        base_url = self._base_url(scope, headers, is_from_proxy=is_from_proxy)
        parts = urlsplit(base_url)
        others = [(name, value) for name, value in scope["headers"] if name != b"host"]
        scope = {**scope, "scheme": parts.scheme, "headers": [(b"host", parts.netloc.encode()), *others]}
        if parts.path:
            # for links only: a proxy removes the path of the base URL from that of the request
            scope["app_root_path"] = parts.path
        if is_from_proxy:
            scope["client"] = (self._client_address(scope["client"][0], headers), 0)
        return scope

    def _base_url(self, scope: Scope, headers: Headers, *, is_from_proxy: bool) -> str:
        scheme, host, forwarded_host = scope["scheme"], headers.get("host", "").lower(), ""
        if is_from_proxy:
            scheme = next(_reversed_values(headers, "x-forwarded-proto")) or scheme
            forwarded_host = next(_reversed_values(headers, "x-forwarded-host")).lower()
        if self._settings.base_urls:
            urls = (f"{scheme}://{forwarded_host}", f"{scope['scheme']}://{host}")
            known = (self._base_urls[url] for url in urls if url in self._base_urls)
            return next(known, self._settings.base_urls[0])
        scheme = scheme if scheme in DEFAULT_PORTS else scope["scheme"]
        # a trusted proxy names the host that it serves; one that names none passes on what the client has sent
        if parse_authority(forwarded_host):
            return f"{scheme}://{forwarded_host}"
        if is_allowed_host(host, self._settings.allowed_hosts):
            return f"{scheme}://{host}"
        return f"{scheme}://{_own_authority(scope)}"

    def _is_proxy(self, address: str) -> bool:
        if not self._settings.trusted_proxies:
            return False
        parsed = parse_address(address)
        return parsed is not None and any(parsed in network for network in self._settings.trusted_proxies)

    def _client_address(self, peer: str, headers: Headers) -> str:
        # from the right: the entries that a client itself has sent are on the left
        for address in _reversed_values(headers, "x-forwarded-for"):
            if not self._is_proxy(address):
                return address[:100]
        return peer


def _own_authority(scope: Scope) -> str:
    """Return the address that the client has connected to."""
    host, port = scope.get("server") or ("localhost", None)
    host = f"[{host}]" if ":" in host else host
    return host if port in {None, DEFAULT_PORTS.get(scope["scheme"])} else f"{host}:{port}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _reversed_values(headers: Headers, name: str) -> Iterator[str]:
    # a proxy adds a value or another header of the same name
    values = ",".join(headers.getlist(name)).split(",")
    return (value.strip() for value in reversed(values))
