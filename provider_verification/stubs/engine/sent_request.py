"""A request as it was sent, with the command line that repeats it."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from provider_verification.stubs.engine.masking import is_secret_name, replace_secrets, variable_of

WEBSOCKET_METHOD = "WEBSOCKET"
"""Stands for the HTTP method in the name of a WebSocket."""
MAX_BODY_SAMPLE_BYTES = 4096
MAX_HEADERS, MAX_HEADER_LENGTH, MAX_URL_LENGTH = 20, 500, 2000
HEADERS_OF_CLIENTS = frozenset(
    {
        "accept", "accept-encoding", "accept-language", "connection", "content-length", "expect", "host", "te", "traceparent",
        "tracestate", "transfer-encoding", "user-agent",
    }
)  # fmt: skip
"""Headers that every client sets on its own: curl does as well."""


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request to the vendor's paths.

    Attributes:
        caller: the User-Agent, or the connection if there is none.
        base_url: the stub's address.
        target: path and query as they were sent.
        headers: header names are lower case.
        body: the first MAX_BODY_SAMPLE_BYTES of the body.
        is_complete: whether that is the whole body.
    """

    caller: str
    method: str
    base_url: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    is_complete: bool = True

    def curl_command(self) -> str:
        """Return the curl line that repeats the request; variables stand for credentials."""
        method = ["--head"] if self.method == "HEAD" else ["--request", shlex.quote(self.method)]
        parts = ["curl", "--globoff", "--path-as-is", *method]
        for name, value in list(self.headers.items())[:MAX_HEADERS]:
            if name not in HEADERS_OF_CLIENTS:
                parts += ["--header", _header(name, value[:MAX_HEADER_LENGTH])]
        source, option = self._body_option()
        url = self.base_url + self.target[:MAX_URL_LENGTH]
        return source + " ".join([*parts, *option, _quote_with_variables(url)])

    def _body_option(self) -> tuple[str, list[str]]:
        """Return what precedes the command, and the option that sends the body."""
        if not self.body:
            return "", []
        if not self.is_complete:
            # The rest of the body was not kept.
            return "", ["--data-binary", "@body"]
        try:
            text = self.body.decode()
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:
            encoded = base64.b64encode(self.body).decode()
            return f"echo {encoded} | base64 -d | ", ["--data-binary", "@-"]
        return "", ["--data-raw", _quote_with_variables(text, self.target)]


def _header(name: str, value: str) -> str:
    if not is_secret_name(name):
        return shlex.quote(f"{name}: {value}")
    # The scheme of Authorization is not secret, unless the header holds nothing but a credential.
    scheme, _, credential = value.partition(" ")
    prefix = f"{scheme} " if credential and scheme.isalpha() else ""
    return f'"{name}: {prefix}${variable_of(name)}"'


def _quote_with_variables(text: str, path: str = "") -> str:
    """Quote a text for the shell; the value of each credential becomes a variable, outside of the single quotes."""
    marked = replace_secrets(text, lambda variable: f"\0{variable}\0", path)
    literals = marked.split("\0")
    return "".join(
        f'"${literal}"' if number % 2 else shlex.quote(literal)
        for number, literal in enumerate(literals)
        if literal
    )
