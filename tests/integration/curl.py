"""Shell commands that repeat an HTTP request of a failed test; variables stand for credentials."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

SECRET_HEADERS = {
    "authorization": "TOKEN",
    "x-api-key": "API_KEY",
    "xi-api-key": "TTS_API_KEY",
    "x-vault-token": "VAULT_TOKEN",
    "cookie": "COOKIE",
}
"""The shell variable for the value of each header with credentials."""
SECRET_FIELDS = {
    "password": "PASSWORD",
    "refresh_token": "REFRESH_TOKEN",
    "client_secret": "CLIENT_SECRET",
    "ClientToken": "MEWS_CLIENT_TOKEN",
    "AccessToken": "MEWS_ACCESS_TOKEN",
}
"""The shell variable for each field of a JSON or form body with credentials."""
MASKED_BY_STUB = "(secret)"
"""What the journals of stubs hold in place of credentials, the scheme included."""
GENERATED_HEADERS = frozenset(
    {"host", "content-length", "accept", "accept-encoding", "connection", "user-agent"}
)
"""Headers that curl sets itself."""
_SECRET_FIELD = re.compile(
    rf'("(?P<json>{"|".join(SECRET_FIELDS)})"\s*:\s*")(?:[^"\\]|\\.)*(?=")'
    rf"|(?P<prefix>(?:^|&)(?P<form>{'|'.join(SECRET_FIELDS)})=)[^&]*"
)


def curl_command(method: str, url: str, headers: Mapping[str, str], body: str) -> str:
    """Return a command that repeats a request.

    Args:
        method: the HTTP method.
        url: the URL with its query, percent-encoded.
        headers: the header fields of the request.
        body: the body as text; empty for none.
    """
    parts = ["curl", "--globoff", "--request", method, shlex.quote(url)]
    for name, value in headers.items():
        if name.lower() in SECRET_HEADERS:
            parts += ["--header", f'"{name}: {_mask_header(name, value)}"']
        elif name.lower() not in GENERATED_HEADERS:
            parts += ["--header", shlex.quote(f"{name}: {value}")]
    if body:
        parts += ["--data-raw", _quote_body(body)]
    return " ".join(parts)


def used_variables(headers: Mapping[str, str], body: str) -> list[str]:
    """Return the shell variables in the command for these headers and this body."""
    from_headers = [SECRET_HEADERS[name.lower()] for name in headers if name.lower() in SECRET_HEADERS]
    fields = (match["json"] or match["form"] for match in _SECRET_FIELD.finditer(body))
    return list(dict.fromkeys([*from_headers, *(SECRET_FIELDS[field] for field in fields)]))


def _mask_header(name: str, value: str) -> str:
    variable = f"${SECRET_HEADERS[name.lower()]}"
    if value == MASKED_BY_STUB:
        return f"Bearer {variable}" if name.lower() == "authorization" else variable
    scheme, _, credentials = value.partition(" ")
    return f"{scheme} {variable}" if credentials else variable


def _quote_body(body: str) -> str:
    """Quote a body for the shell; the quotes are left for each variable, so that the shell expands it."""
    parts, end = [], 0
    for match in _SECRET_FIELD.finditer(body):
        prefix = match[1] or match["prefix"]
        variable = SECRET_FIELDS[match["json"] or match["form"]]
        parts += [shlex.quote(body[end : match.start()] + prefix), f'"${variable}"']
        end = match.end()
    rest = body[end:]
    return "".join([*parts, shlex.quote(rest)] if rest or not parts else parts)
