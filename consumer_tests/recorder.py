"""Records an interaction by running the client against a Pact mock server.

Each interaction has its own short-lived server: a server with all interactions compares each request with every one of
them, which takes time that grows with the square of their number.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import httpx
from pact import Pact, match
from pact.interaction import HttpInteraction as PactHttpInteraction
from pydantic import TypeAdapter

from consumer_tests.contract import ConsumerContract
from consumer_tests.demand import Situation, situation_of
from consumer_tests.echoes import repeated_values
from consumer_tests.generators import request_generators, response_generators
from consumer_tests.interaction import HttpInteraction, Json, MessageInteraction, Request, Response
from consumer_tests.matchers import matching_rules
from consumer_tests.names import CONSUMER_NAME
from consumer_tests.request_differences import describe_requests
from orchestrator.resilience.policy import NO_RETRY


class InteractionMismatchError(AssertionError):
    """The orchestrator's client does not match the interaction."""


async def record_interaction(
    contract: ConsumerContract, interaction: HttpInteraction, http: httpx.AsyncClient
) -> dict[str, Any]:
    """Run the client against a mock server and return the interaction as JSON of a pact file.

    Raises:
        InteractionMismatchError: the client sent another request, or interpreted the response differently.
    """
    pact = Pact(CONSUMER_NAME, interaction.vendor).with_specification("V4")
    build_pact_interaction(pact.upon_receiving(interaction.description), interaction)
    sent: list[httpx.Request] = []
    # raises=False: the mismatches are reported together with what the client returned
    with pact.serve(raises=False, verbose=False) as server, _RequestCapture(http, sent):
        outcome = await _call_client(interaction, contract.client(str(server.url), http, NO_RETRY))
        mismatches = list(server.mismatches)
        matched = server.matched
    if not matched:
        # the client's outcome is that of the mock server's error, and not shown
        differences = describe_requests(interaction, sent, mismatches)
        reason = "" if sent else f" (the client {_describe(outcome)})"
        raise InteractionMismatchError(
            f"{interaction.title}: the request does not match{reason}\n{differences}"
        )
    _check_credential(interaction, sent)
    _check_outcome(interaction, outcome)
    return _serialize_interaction(pact)


def record_message(interaction: MessageInteraction) -> dict[str, Any]:
    """Parse the message with the orchestrator's parser and return the interaction as JSON of a pact file.

    Raises:
        InteractionMismatchError: the parser interpreted the message differently.
    """
    pact = Pact(CONSUMER_NAME, interaction.vendor).with_specification("V4")
    pact_interaction = pact.upon_receiving(interaction.description, "Async")
    for state in interaction.given:
        pact_interaction.given(state.name, dict(state.params))
    pact_interaction.with_body(json.dumps(interaction.example), interaction.media_type)
    rules = matching_rules(interaction.model, interaction.example, situation_of(interaction))
    pact_interaction.with_matching_rules({"body": rules})
    outcomes: list[Any] = []

    def handler(body: str | bytes | None, _metadata: dict[str, Any]) -> None:
        content = body.encode() if isinstance(body, str) else body or b""
        outcomes.append(interaction.parse(content))

    pact.verify(handler, "Async")
    _check_returned(interaction, interaction.model, outcomes[0])
    return _serialize_interaction(pact)


class _RequestCapture:
    """Collects the requests that are sent through the connection pool."""

    def __init__(self, http: httpx.AsyncClient, sent: list[httpx.Request]) -> None:
        self._http, self._sent = http, sent

    def __enter__(self) -> None:
        self._http.event_hooks = {"request": [self._capture]}

    def __exit__(self, *_: object) -> None:
        self._http.event_hooks = {}

    async def _capture(self, request: httpx.Request) -> None:
        self._sent.append(request)


async def _call_client(interaction: HttpInteraction, client: Any) -> Any:
    try:
        return await interaction.invoke(client)
    except Exception as error:  # noqa: BLE001 - whatever the client raises is compared with the expectation
        return error


def build_pact_interaction(pact_interaction: PactHttpInteraction, interaction: HttpInteraction) -> None:
    """Add provider states, the exact request, and the matchers of the response to an interaction of the Pact library."""
    for state in interaction.states:
        pact_interaction.given(state.name, dict(state.params))
    _describe_request(pact_interaction, interaction.request)
    if credential := interaction.credential:
        pact_interaction.with_header(
            credential.header, match.regex(credential.example, regex=credential.pattern)
        )
    if generators := request_generators(interaction):
        pact_interaction.with_generators(generators, part="Request")
    pact_interaction.will_respond_with(interaction.response.status)
    _describe_response(pact_interaction, interaction)


def _describe_request(pact_interaction: PactHttpInteraction, request: Request) -> None:
    pact_interaction.with_request(request.method, request.path)
    pact_interaction.with_query_parameters(dict(request.query))
    for name, value in request.headers.items():
        pattern = request.matching_rules.get(f"header.{name}")
        pact_interaction.with_header(name, match.regex(value, regex=pattern) if pattern else value)
    if request.form is not None:
        pact_interaction.with_body(
            str(httpx.QueryParams(request.form)), "application/x-www-form-urlencoded", "Request"
        )
    elif request.body is not None:
        pact_interaction.with_body(request.body, "application/json", part="Request")
    body_rules = {
        path: {"combine": "AND", "matchers": [{"match": "regex", "regex": pattern}]}
        for path, pattern in request.matching_rules.items()
        if path.startswith("$")
    }
    if body_rules:
        pact_interaction.with_matching_rules({"body": body_rules}, part="Request")


def _describe_response(pact_interaction: PactHttpInteraction, interaction: HttpInteraction) -> None:
    response, situation = interaction.response, situation_of(interaction)
    for name, (example, pattern) in response.headers.items():
        # a number in a header is text, the state's parameter is none
        value = int(example) if example.isdecimal() else example
        is_repeated = repeated_values(situation.sources, (name,), value)
        pact_interaction.with_header(name, example if is_repeated else match.regex(example, regex=pattern))
    if response.model is not None:
        _describe_json(pact_interaction, interaction, situation)
    elif response.text_matcher is not None:
        example, pattern = response.text_matcher
        pact_interaction.with_header("Content-Type", match.regex("text/plain", regex="^text/plain(;.*)?$"))
        pact_interaction.with_body(example, "text/plain", part="Response")
        rule = {"combine": "AND", "matchers": [{"match": "regex", "regex": pattern}]}
        pact_interaction.with_matching_rules({"body": {"$": rule}}, part="Response")
    elif response.binary is not None:
        _describe_binary(pact_interaction, response)


def _describe_json(
    pact_interaction: PactHttpInteraction, interaction: HttpInteraction, situation: Situation
) -> None:
    response = interaction.response
    media_type = response.media_type or "application/json"
    # a vendor may add a charset
    pact_interaction.with_header("Content-Type", match.regex(media_type, regex=f"^{media_type}(;.*)?$"))
    pact_interaction.with_body(json.dumps(response.example), media_type, part="Response")
    rules = matching_rules(response.model, response.example, situation)
    pact_interaction.with_matching_rules({"body": rules}, part="Response")
    if generators := response_generators(interaction, rules):
        pact_interaction.with_generators(generators, part="Response")


def _describe_binary(pact_interaction: PactHttpInteraction, response: Response) -> None:
    media_type = response.media_type or "application/octet-stream"
    pact_interaction.with_header("Content-Type", match.regex(media_type, regex=f"^{media_type}(;.*)?$"))
    pact_interaction.with_binary_body(response.binary, media_type, part="Response")
    # audio differs at each synthesis, so only its type is compared
    rule = {"combine": "AND", "matchers": [{"match": "contentType", "value": media_type}]}
    pact_interaction.with_matching_rules({"body": {"$": rule}}, part="Response")


def _check_credential(interaction: HttpInteraction, sent: list[httpx.Request]) -> None:
    credential = interaction.credential
    if credential and credential.verify:
        credential.verify(sent[-1].headers[credential.header])


def _check_outcome(interaction: HttpInteraction, outcome: Any) -> None:
    expected = interaction.raises
    if expected is None:
        if isinstance(outcome, Exception):
            raise InteractionMismatchError(
                f"{interaction.title}: the client {_describe(outcome)}"
            ) from outcome
        _check_returned(interaction, interaction.response.model, outcome)
        return
    # exactly this class, because callers tell the errors apart by it
    if type(outcome) is not expected.error:
        raise InteractionMismatchError(
            f"{interaction.title}: {expected.error.__name__} expected, the client {_describe(outcome)}"
        )
    for name, value in expected.data.items():
        if getattr(outcome, name) != value:
            raise InteractionMismatchError(
                f"{interaction.title}: {name}={value!r} expected, the error has {getattr(outcome, name)!r}"
            )


def _check_returned(interaction: HttpInteraction | MessageInteraction, model: Any, outcome: Any) -> None:
    returns = interaction.returns
    if returns is ...:
        returns = None if model is None else TypeAdapter(model).validate_python(_example(interaction))
    if outcome != returns:
        raise InteractionMismatchError(
            f"{interaction.title}: the client {_describe(outcome)}, not {returns!r}"
        )


def _example(interaction: HttpInteraction | MessageInteraction) -> Json:
    return (
        interaction.example if isinstance(interaction, MessageInteraction) else interaction.response.example
    )


def _describe(outcome: Any) -> str:
    return f"raised {outcome!r}" if isinstance(outcome, Exception) else f"returned {outcome!r}"


def _serialize_interaction(pact: Pact) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        # the Pact library returns its JSON in no other way
        pact.write_file(folder, overwrite=True)
        (file,) = Path(folder).iterdir()
        (recorded,) = json.loads(file.read_text())["interactions"]
    return dict(recorded)
