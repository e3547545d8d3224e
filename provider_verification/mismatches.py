"""Translation of the verifier's JSON output into failures that name operation and field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from provider_verification.stubs.engine.openapi import OpenApiContract
from provider_verification.verification_result import InteractionFailure, Mismatch

JSON_KINDS: dict[type, str] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    type(None): "null",
}
MISSING_KEYS_PATTERN = re.compile(r"missing the following keys: (.+)")
PATH_PART_PATTERN = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\['([^']*)'\]")
ABSENT_ELEMENT = "Variant at index"
"""How the verifier's message begins if no element of a list is like one that the pact demands."""
STATE_ERRORS = {
    "One or more of the setup state change handlers has failed": (
        "the stub could not set up the provider states (POST /_stub/states): "
        "look for the handler's error in the log of the verification"
    ),
    "One or more of the teardown state change handlers has failed": (
        "the stub could not reset its state after the interaction (POST /_stub/states): "
        "look for the stub's error in the log of the verification, or whether the stub ended"
    ),
}
"""The verifier's messages about the provider states, and what they mean."""
PART_BY_TYPE = {
    "BodyMismatch": "body",
    "BodyTypeMismatch": "body",
    "StatusMismatch": "status",
    "HeaderMismatch": "header",
    "MetadataMismatch": "metadata",
}


Defects = Mapping[str, Sequence[Mismatch]]
"""The responses with which a stub would have broken its own schemas, by operationId."""


def interaction_failures(
    results: Iterable[Mapping[str, Any]],
    pacts: Iterable[Mapping[str, Any]],
    contract: OpenApiContract,
    defects: Defects,
) -> tuple[InteractionFailure, ...]:
    """The failed ones of the verifier's interaction results, with operation and fields from the pacts."""
    interactions = {
        (pact["consumer"]["name"], interaction["description"]): interaction
        for pact in pacts
        for interaction in pact["interactions"]
    }
    failures = (
        _failure(result, interactions.get((result["consumer"], result["description"]), {}), contract, defects)
        for result in results
        if result["result"] != "OK"
    )
    # last, because another failure is often their cause
    return tuple(sorted(failures, key=lambda failure: failure.mismatches[0].message in STATE_ERRORS.values()))


def stub_defects(recorded: Iterable[Mapping[str, Any]]) -> Defects:
    """Return the defects that a stub has recorded, as mismatches by operationId.

    Args:
        recorded: the response to `GET /_stub/defects`.
    """
    defects: dict[str, list[Mismatch]] = {}
    for defect in recorded:
        location = "" if defect["where"] == "/" else f" at {defect['where']}"
        message = f"the stub broke its own schema{location}: {defect['message']}"
        mismatch = Mismatch("schema", str(defect["where"]), message)
        known = defects.setdefault(defect["operation"], [])
        if mismatch not in known:
            known.append(mismatch)
    return defects


def _failure(
    result: Mapping[str, Any], interaction: Mapping[str, Any], contract: OpenApiContract, defects: Defects
) -> InteractionFailure:
    operation, is_known = _operation(interaction, contract)
    operation_id = operation.rpartition(", ")[2]
    if is_known:
        mismatches = _without_consequences(dict.fromkeys(_mismatches(result, interaction)))
        # the stub sends a 500 in place of the response: all other differences follow from it
        if operation_id in defects and any(mismatch.actual == "500" for mismatch in mismatches):
            mismatches = tuple(defects[operation_id])
    else:
        message = f"{operation} is not an operation of schemas/{contract.folder.name}/openapi.json"
        mismatches = (Mismatch("error", "", message),)
    return InteractionFailure(result["consumer"], result["description"], operation, mismatches)


def _operation(interaction: Mapping[str, Any], contract: OpenApiContract) -> tuple[str, bool]:
    """The operation of an interaction, and whether the schemas have it; a message always counts as known."""
    request = interaction.get("request")
    if not request:
        return ("message" if interaction else "", True)
    route = f"{request['method']} {request['path']}"
    match = contract.match_operation(request["method"], request["path"])
    return (f"{route}, {match[0].operation_id}", True) if match else (route, False)


def _mismatches(result: Mapping[str, Any], interaction: Mapping[str, Any]) -> Iterator[Mismatch]:
    reported = result.get("mismatch", {})
    mismatches = reported.get("mismatches", ())
    if not mismatches:
        yield Mismatch("error", "", error_text(result))
    for mismatch in mismatches:
        yield from _translate(mismatch, _expected_body(interaction))


def _without_consequences(mismatches: Iterable[Mismatch]) -> tuple[Mismatch, ...]:
    """The mismatches without those of a list that lacks an element, if an element of it does not match itself."""
    known = tuple(mismatches)
    return tuple(
        mismatch
        for mismatch in known
        if not mismatch.message.startswith(ABSENT_ELEMENT)
        or not any(other.field.startswith(f"{mismatch.field}[") for other in known)
    )


def _translate(mismatch: Mapping[str, Any], expected_body: Any) -> Iterator[Mismatch]:
    part = PART_BY_TYPE.get(mismatch.get("type", ""), "body")
    field = str(mismatch.get("path") or mismatch.get("key") or mismatch.get("parameter") or "")
    message = str(mismatch["mismatch"])
    missing = MISSING_KEYS_PATTERN.search(message)
    if part == "body" and missing:
        # The verifier reports the parent object and lists the missing keys in its message.
        for key in missing[1].split(", "):
            path = f"{field}.{key}"
            yield Mismatch(part, path, "is missing", _kind_at(expected_body, path), "missing")
    elif part == "status":
        yield Mismatch(part, field, message, str(mismatch.get("expected")), str(mismatch.get("actual")))
    else:
        yield Mismatch(part, field, message, _kind(mismatch.get("expected")), _kind(mismatch.get("actual")))


def error_text(result: Mapping[str, Any]) -> str:
    """The message of an error that the verifier reports in place of mismatches."""
    mismatch = result.get("mismatch", result)
    message = str(mismatch.get("message") or mismatch)
    return STATE_ERRORS.get(message.strip().rstrip("."), message)


def _kind(value: Any) -> str:
    """The JSON kind of a value, which the verifier writes as JSON text; an empty text is a missing value."""
    if value == "":
        return "missing"
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return "string"
    return JSON_KINDS.get(type(value), "")


def _kind_at(body: Any, path: str) -> str:
    value = body
    for name, index, quoted in PATH_PART_PATTERN.findall(path.removeprefix("$")):
        try:
            value = value[int(index)] if index else value[name or quoted]
        except (LookupError, TypeError):
            return ""
    return JSON_KINDS.get(type(value), "")


def _expected_body(interaction: Mapping[str, Any]) -> Any:
    body = interaction.get("response", interaction).get("body") or interaction.get("contents") or {}
    return body.get("content") if isinstance(body, dict) else None
