"""An expectation: what the orchestrator expects of one vendor operation in one situation.

Written once, it serves four uses: it is recorded as a pact, broken by every fault, mutated field by field, and
asked what a vendor's change would hit. So it is a plain value that knows neither the Pact library nor a server.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.vendors.errors import VendorError

Json = Any
"""A JSON value: what `json.loads` gives."""


@dataclass(frozen=True, slots=True)
class ProviderState:
    """What must be true at the vendor before the request, with parameters."""

    name: str
    params: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CredentialSpec:
    """How a request proves who sends it, without a secret in the pact.

    Args:
        header: the request header that carries it.
        template: the header's value at verification; `${token}` is what the provider state gives.
        pattern: a regular expression the header must match when recorded.
        example: a made-up value that stands in the pact.
        state: the provider state that makes the vendor accept the value, or None for a value it refuses.
        verify: looks at the header's value as it was really sent, for example at the grants in a token.
    """

    header: str
    generator_expression: str
    pattern: str
    example: str
    state: ProviderState | None
    verify: Callable[[str], None] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """The request that must leave the client, to the letter; values in `matching` are held to a pattern only.

    Args:
        matching: regular expressions by the JSON path of the body (`$.text`) or `header.<name>`, for parts
            that differ from run to run.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    form: Mapping[str, str] | None = None
    matching_rules: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """The answer the client reads.

    Args:
        model: the orchestrator's model of the body (or `list[Model]`); what the pact demands is derived from it.
        example: one JSON body the model accepts; it may hold nothing the model does not read.
        headers: response headers the client reads, by name, as (example, pattern).
        text: a text body, as (example, pattern).
        binary: a binary body's example, its type told by `media_type` alone.
    """

    status: int
    model: Any = None
    example: Json = None
    headers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    media_type: str | None = None
    text_matcher: tuple[str, str] | None = None
    binary: bytes | None = None


@dataclass(frozen=True, slots=True)
class ExpectedError:
    """The error the client must raise, with the data it must carry (attribute name to value)."""

    error: type[VendorError]
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpInteraction:
    """One vendor operation and outcome. `returns` is what the call gives; by default the example as the shape."""

    vendor: str
    description: str
    given: tuple[ProviderState, ...]
    credential: CredentialSpec | None
    invoke: Callable[[Any], Awaitable[Any]]
    request: Request
    response: Response
    raises: ExpectedError | None = None
    returns: Any = ...

    @property
    def states(self) -> tuple[ProviderState, ...]:
        """All provider states, the credential's first."""
        own = (self.credential.state,) if self.credential and self.credential.state else ()
        return (*own, *self.given)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageInteraction:
    """A message the orchestrator consumes: `parse` reads its body, and must give `returns`.

    Args:
        parse: the orchestrator's own reader, from the body's bytes.
        model: the model whose fields the pact demands, as for a `Response`.
    """

    vendor: str
    description: str
    given: tuple[ProviderState, ...]
    parse: Callable[[bytes], Any]
    model: Any
    example: Json
    media_type: str
    returns: Any = ...
