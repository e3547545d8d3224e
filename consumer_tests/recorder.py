"""Plays an expectation against a Pact mock server of its own and gives the interaction it recorded.

One short-lived server per interaction: a server that holds them all matches each request against every one of
them, which grows with the square of their number.
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
from consumer_tests.interaction import HttpInteraction, MessageInteraction, Request, Response
from consumer_tests.matchers import matchers_for
from orchestrator.vendors.errors import VendorError

CONSUMER_NAME = "voicehive-orchestrator"
"""The orchestrator's name in every pact and at the broker."""


class InteractionMismatchError(AssertionError):
    """The orchestrator's client did not do what the expectation says."""


async def record_interaction(
    contract: ConsumerContract, expectation: HttpInteraction, http: httpx.AsyncClient
) -> dict[str, Any]:
    """Play the expectation and give the interaction as it stands in a pact file.

    Raises:
        InteractionMismatchError: the client sent another request, or made something else of the answer.
    """
    pact = Pact(CONSUMER_NAME, expectation.vendor).with_specification("V4")
    build_pact_interaction(pact.upon_receiving(expectation.description), expectation)
    sent: list[httpx.Request] = []
    with pact.serve(raises=False, verbose=False) as server, _RequestCapture(http, sent):
        outcome = await _call_client(expectation, contract.client(str(server.url), http))
        mismatches = [str(mismatch) for mismatch in server.mismatches]
        answered = server.matched
    if not answered:
        raise InteractionMismatchError(_mismatch_message(expectation, mismatches, outcome))
    _check_credential(expectation, sent)
    _check_outcome(expectation, outcome)
    return _serialize_interaction(pact)


def record_message(expectation: MessageInteraction) -> dict[str, Any]:
    """Hand the message to the orchestrator's own reader and give the interaction as it stands in a pact file.

    Raises:
        InteractionMismatchError: the reader made something else of the message.
    """
    pact = Pact(CONSUMER_NAME, expectation.vendor).with_specification("V4")
    interaction = pact.upon_receiving(expectation.description, "Async")
    for given in expectation.given:
        interaction.given(given.name, dict(given.params))
    interaction.with_body(matchers_for(expectation.model, expectation.example), expectation.media_type)
    outcomes: list[Any] = []

    def handler(body: str | bytes | None, _metadata: dict[str, Any]) -> None:
        content = body.encode() if isinstance(body, str) else body or b""
        outcomes.append(expectation.parse(content))

    pact.verify(handler, "Async")
    _check_returned(expectation.description, expectation.returns, expectation, outcomes[0])
    return _serialize_interaction(pact)


class _RequestCapture:
    """Sees the requests that leave through the shared client."""

    def __init__(self, http: httpx.AsyncClient, sent: list[httpx.Request]) -> None:
        self._http, self._sent = http, sent

    def __enter__(self) -> None:
        self._http.event_hooks = {"request": [self._see]}

    def __exit__(self, *_: object) -> None:
        self._http.event_hooks = {}

    async def _see(self, request: httpx.Request) -> None:
        self._sent.append(request)


async def _call_client(expectation: HttpInteraction, client: Any) -> Any:
    try:
        return await expectation.invoke(client)
    except VendorError as error:
        return error


def build_pact_interaction(interaction: PactHttpInteraction, expectation: HttpInteraction) -> None:
    """Write the expectation into an interaction: states, the request to the letter, and the matchers of the response."""
    for given in expectation.states:
        interaction.given(given.name, dict(given.params))
    _describe_request(interaction, expectation.request)
    if credential := expectation.credential:
        interaction.with_header(credential.header, match.regex(credential.example, regex=credential.pattern))
        if credential.state:
            generator = {"type": "ProviderState", "expression": credential.generator_expression}
            interaction.with_generators({"header": {credential.header: generator}}, part="Request")
    interaction.will_respond_with(expectation.response.status)
    _describe_response(interaction, expectation.response)


def _describe_request(interaction: PactHttpInteraction, request: Request) -> None:
    interaction.with_request(request.method, request.path)
    interaction.with_query_parameters(dict(request.query))
    for name, value in request.headers.items():
        pattern = request.matching_rules.get(f"header.{name}")
        interaction.with_header(name, match.regex(value, regex=pattern) if pattern else value)
    if request.form is not None:
        interaction.with_body(
            str(httpx.QueryParams(request.form)), "application/x-www-form-urlencoded", "Request"
        )
    elif request.body is not None:
        interaction.with_body(request.body, "application/json", part="Request")
    body_rules = {
        path: {"combine": "AND", "matchers": [{"match": "regex", "regex": pattern}]}
        for path, pattern in request.matching_rules.items()
        if path.startswith("$")
    }
    if body_rules:
        interaction.with_matching_rules({"body": body_rules}, part="Request")


def _describe_response(interaction: PactHttpInteraction, response: Response) -> None:
    for name, (example, pattern) in response.headers.items():
        interaction.with_header(name, match.regex(example, regex=pattern))
    if response.model is not None:
        media_type = response.media_type or "application/json"
        interaction.with_header("Content-Type", match.regex(media_type, regex=f"^{media_type}(;.*)?$"))
        interaction.with_body(matchers_for(response.model, response.example), media_type, part="Response")
    elif response.text_matcher is not None:
        example, pattern = response.text_matcher
        interaction.with_header("Content-Type", match.regex("text/plain", regex="^text/plain(;.*)?$"))
        interaction.with_body(example, "text/plain", part="Response")
        rule = {"combine": "AND", "matchers": [{"match": "regex", "regex": pattern}]}
        interaction.with_matching_rules({"body": {"$": rule}}, part="Response")
    elif response.binary is not None:
        _describe_binary(interaction, response)


def _describe_binary(interaction: PactHttpInteraction, response: Response) -> None:
    media_type = response.media_type or "application/octet-stream"
    interaction.with_header("Content-Type", match.regex(media_type, regex=f"^{media_type}(;.*)?$"))
    interaction.with_binary_body(response.binary, media_type, part="Response")
    rule = {"combine": "AND", "matchers": [{"match": "contentType", "value": media_type}]}
    interaction.with_matching_rules({"body": {"$": rule}}, part="Response")


def _check_credential(expectation: HttpInteraction, sent: list[httpx.Request]) -> None:
    credential = expectation.credential
    if credential and credential.verify:
        credential.verify(sent[-1].headers[credential.header])


def _check_outcome(expectation: HttpInteraction, outcome: Any) -> None:
    wanted = expectation.raises
    if wanted is None:
        if isinstance(outcome, VendorError):
            raise InteractionMismatchError(
                f"{expectation.description}: the client raised {outcome!r}"
            ) from outcome
        _check_returned(expectation.description, expectation.returns, expectation.response, outcome)
        return
    if type(outcome) is not wanted.error:
        raise InteractionMismatchError(
            f"{expectation.description}: {wanted.error.__name__} expected, the client gave {outcome!r}"
        )
    for name, value in wanted.data.items():
        if getattr(outcome, name) != value:
            raise InteractionMismatchError(
                f"{expectation.description}: {name}={value!r} expected, the error has {getattr(outcome, name)!r}"
            )


def _check_returned(
    description: str, returns: Any, source: Response | MessageInteraction, outcome: Any
) -> None:
    if returns is ...:
        returns = None if source.model is None else TypeAdapter(source.model).validate_python(source.example)
    if outcome != returns:
        raise InteractionMismatchError(
            f"{description}: the client made {outcome!r} of the answer, not {returns!r}"
        )


def _mismatch_message(expectation: HttpInteraction, mismatches: list[str], outcome: Any) -> str:
    lines = mismatches or ["no request arrived"]
    numbered = "\n".join(f"  {number}. {line}" for number, line in enumerate(lines, 1))
    return f"{expectation.description}: the request is not the expected one (the client gave {outcome!r})\n{numbered}"


def _serialize_interaction(pact: Pact) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        pact.write_file(folder, overwrite=True)
        (file,) = Path(folder).iterdir()
        (interaction,) = json.loads(file.read_text())["interactions"]
    return dict(interaction)
