"""An interaction: what the orchestrator expects of one vendor operation in one situation.

Interactions are plain values that know neither the Pact library nor a server, because they have several uses: they are
recorded as pacts, combined with faults, mutated field by field, and searched for the fields that a vendor changed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from consumer_tests.operations import describe_operation
from orchestrator.vendors.errors import VendorError

Json = Any
"""A JSON value, as `json.loads` returns it."""


@dataclass(frozen=True, slots=True)
class ProviderState:
    """What must be true at the vendor before the request, with parameters.

    Attributes:
        values: the examples of the values that the vendor chooses, by the names under which the state returns them.
    """

    name: str
    params: Mapping[str, Json] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

    def providing(self, **values: str) -> ProviderState:
        """Return the state with more values that it returns, such as the id of a booking that it creates."""
        return replace(self, values={**self.values, **values})


@dataclass(frozen=True, slots=True)
class CredentialSpec:
    """The credential of a request, without a secret in the pact.

    Args:
        header: the request header that carries it.
        generator_expression: the header's value at verification; the provider state provides `${token}`.
        pattern: a regular expression that the header must match when the interaction is recorded.
        example: the made-up value in the pact.
        state: the provider state in which the vendor accepts the value, or None if the vendor rejects it.
        verify: checks the value that the client sent, for example the grants in a token.
    """

    header: str
    generator_expression: str
    pattern: str
    example: str
    state: ProviderState | None
    verify: Callable[[str], None] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """The exact request that the client must send.

    Args:
        matching_rules: regular expressions by JSON path of the body (`$.text`) or `header.<name>`, for values that
            differ between runs.
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
    """The response that the client reads.

    Args:
        model: the orchestrator's model of the body (or `list[Model]`), from which the matching rules are derived.
        example: a JSON body that the model accepts, without fields that the model does not read.
        headers: the response headers that the client reads, as (example, pattern) by name.
        text_matcher: a text body, as (example, pattern).
        binary: an example of a binary body, which is matched by `media_type` only.
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
    """The error that the client must raise, with the attributes it must have."""

    error: type[VendorError]
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpInteraction:
    """One vendor operation and its outcome.

    Args:
        source: file and line of the expectation.
        invoke: calls the operation on the vendor's client.
        returns: what `invoke` returns; by default the response's example, parsed into its model.
    """

    vendor: str
    source: str
    description: str
    given: tuple[ProviderState, ...]
    credential: CredentialSpec | None
    invoke: Callable[[Any], Awaitable[Any]]
    request: Request
    response: Response
    raises: ExpectedError | None = None
    returns: Any = ...

    @property
    def title(self) -> str:
        """Description, operation, and where the expectation is."""
        operation = describe_operation(self.vendor, self.request.method, self.request.path)
        return f"'{self.description}' [{operation}] at {self.source}"

    @property
    def states(self) -> tuple[ProviderState, ...]:
        """All provider states, the credential's first."""
        credential_states = (self.credential.state,) if self.credential and self.credential.state else ()
        return (*credential_states, *self.given)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageInteraction:
    """A message that the orchestrator consumes.

    Args:
        source: file and line of the expectation.
        parse: the orchestrator's parser, which must return `returns` for the body's bytes.
        model: the model from which the matching rules are derived, as for a `Response`.
        returns: by default the example, parsed into the model.
    """

    vendor: str
    source: str
    description: str
    given: tuple[ProviderState, ...]
    parse: Callable[[bytes], Any]
    model: Any
    example: Json
    media_type: str
    returns: Any = ...

    @property
    def title(self) -> str:
        """Description, and where the expectation is."""
        return f"'{self.description}' [message] at {self.source}"
