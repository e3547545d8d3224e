"""Provider states: their parameters are validated before the vendor's handler runs."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from provider_verification.stubs.sdk import ProviderStateHandler, RequestRejected


class InvalidStateParametersError(Exception):
    """The parameters do not fit the provider state; the message names each of them."""


@cache
def parameters_of(handler: ProviderStateHandler) -> Mapping[str, inspect.Parameter]:
    """Return the parameters of a provider state by name; the first of the handler is the vendor's state."""
    parameters = list(inspect.signature(handler, eval_str=True).parameters.values())[1:]
    return {parameter.name: parameter for parameter in parameters}


def set_up_state(handler: ProviderStateHandler, state: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """Set up a provider state and return the values for the pact's generators.

    Raises:
        InvalidStateParametersError: a parameter is unknown, missing, of another type, or rejected by the handler.
    """
    if issues := list(_find_issues(parameters_of(handler), params)):
        raise InvalidStateParametersError("; ".join(issues))
    try:
        return dict(handler(state, **params) or {})
    except (ValueError, LookupError, RequestRejected) as error:
        raise InvalidStateParametersError(f"rejects its parameters: {error!r}") from None


def _find_issues(known: Mapping[str, inspect.Parameter], params: Mapping[str, Any]) -> Iterator[str]:
    if unknown := sorted(params.keys() - known.keys()):
        yield f"has no parameter {', '.join(unknown)}: it has {', '.join(known) or 'none'}"
    for name, parameter in known.items():
        if name in params:
            yield from _find_type_issues(parameter, params[name])
        elif parameter.default is inspect.Parameter.empty:
            yield f"needs the parameter {name}"


def _find_type_issues(parameter: inspect.Parameter, value: Any) -> Iterator[str]:
    # Strict: a handler would store a number that was given as text, and the stub would respond with text.
    try:
        TypeAdapter(parameter.annotation).validate_python(value, strict=True)
    except ValidationError as error:
        yield f"has an invalid parameter {parameter.name}: {error.errors()[0]['msg']}"
