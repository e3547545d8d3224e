"""Verification fails if a stub sends another value where the value matters, though its type is right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from provider_verification.verification_result import VerificationResult
from provider_verification.verify import verify_files
from tests.verification.pacts import pact_file

Changes = dict[str, tuple[str, Any]]
"""The path of the field that has another value, and the value, by operation or message."""


@contextmanager
def changed(registry: dict[str, Any], changes: Changes) -> Iterator[None]:
    """Change the responses of operations, or messages, within this context."""
    originals = {name: registry[name] for name in changes}

    def broken(name: str) -> Any:
        def handler(*args: Any) -> Any:
            response = originals[name](*args)
            # an error has other fields
            with suppress(LookupError, TypeError):
                set_field(getattr(response, "contents", None) or response.body, *changes[name])
            return response

        return handler

    registry.update({name: broken(name) for name in changes})
    try:
        yield
    finally:
        registry.update(originals)


def set_field(body: Any, path: str, value: Any) -> None:
    """Replace an existing field; `reservations.0.arrival` is one of the first element."""
    *parents, key = (int(part) if part.isdigit() else part for part in path.split("."))
    for parent in parents:
        body = body[parent]
    body[key]  # raises a LookupError if there is no such field
    body[key] = value


def verify_changed(vendor: str, operations: Changes, messages: Changes | None = None) -> VerificationResult:
    """Verify the pact against a stub with changed responses, which the stub itself does not check."""
    app = create_stub_app(vendor, check=False)
    with (
        changed(app.stub.operations, operations),
        changed(app.stub.messages, messages or {}),
        run_apps([app]) as servers,
    ):
        return verify_files(vendor, servers.urls[vendor], [pact_file(vendor)])


def failed_fields(result: VerificationResult) -> dict[str, set[str]]:
    """Return the fields that did not match, by description."""
    return {
        failure.description: {mismatch.field for mismatch in failure.mismatches}
        for failure in result.failures
    }


def test_other_values_of_apaleo_are_refused() -> None:
    """Another reservation, code, unit, topic and currency, and dates that do not exist or were not asked for."""
    operations: Changes = {
        "getReservation": ("id", "OTHER-1"),
        "listReservations": ("reservations.0.arrival", "9999-99-99T15:00:00+02:00"),
        "token": ("error", "other_code"),
        "createBooking": ("reservationIds.0.id", "OTHER-1"),
        "assignUnit": ("unit.id", "MUC-102"),
        "listFolios": ("folios.0.balance.currency", "euro"),
        "listOffers": ("offers.0.arrival", "2027-05-11T15:00:00+02:00"),
        "listUnits": ("units.0.name", "Another name"),
    }
    messages: Changes = {"a reservation was amended": ("topic", "Folio")}

    fields = failed_fields(verify_changed("apaleo", operations, messages))

    expected = {
        "a reservation by its id": "$.id",
        "the reservations of a hotel": "$.reservations[0].arrival",
        "an access token with a wrong secret": "$.error",
        "a stay being booked again under the same key": "$.reservationIds",
        "a unit being assigned": "$.unit.id",
        "what a guest owes": "$.folios[0].balance.currency",
        "the offers for a stay": "$.offers[0].arrival",
        "a reservation was amended": "$.topic",
    }
    assert {name: field for name, field in expected.items() if field not in fields.get(name, ())} == {}
    # the name of a unit is the vendor's, and the id of a new reservation too
    assert not {"the units of a room type", "a stay being booked"} & fields.keys()


def test_other_reason_of_an_action_is_refused() -> None:
    """Only the reasons that are named must be there: the stub names other actions too."""
    fields = failed_fields(
        verify_changed("apaleo", {"getReservation": ("actions.0.reasons.0.code", "Other")})
    )

    assert {name: found for name, found in fields.items() if "$.actions" in found}.keys() == {
        "a reservation of a guest who arrives later",
        "a reservation of a guest who arrives today and has no unit",
        "a reservation of a guest who did not arrive",
    }


def test_other_values_of_livekit_are_refused() -> None:
    """An element where there is none, or without the state's one, another code, another status."""
    operations: Changes = {
        "ListParticipants": ("participants", [GUEST]),
        "DeleteRoom": ("code", "unavailable"),
        "ListDispatch": ("agent_dispatches.0.agent_name", "another"),
        "ListEgress": ("items.0.status", "EGRESS_COMPLETE"),
    }

    fields = failed_fields(verify_changed("livekit", operations))

    expected = {
        "the participants of a room that does not exist": "$.participants",
        "a room that does not exist being deleted": "$.code",
        "the recordings of a room": "$.items[0].status",
        "the participants of a call": "$.participants",
    }
    assert {name: field for name, field in expected.items() if field not in fields.get(name, ())} == {}
    # another agent beside the one that the state names
    assert "the agents of a room" not in fields


GUEST = {"identity": "agent", "kind": "SIP"}
