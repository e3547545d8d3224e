"""The erasure of a caller's data from the responses that are kept for redelivered events."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.calls.erasure import ResponseErasure
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.repository import CallRepository
from orchestrator.gdpr.pseudonyms import pseudonymize
from tests.orchestrator.calls.call_flow import PHONE, interaction, started
from tests.orchestrator.calls.crashing import TransferringTelephony, World

START = started(reservation_id="OWN-1", guest_data={"note": "vegan"})
ORDER = interaction("room_service_request", text="breakfast for Ada", service="breakfast")
DETAILS = interaction("guest_info_request")


class FailingTelephony(TransferringTelephony):
    """A telephony with a defect, after which the event fails."""

    async def warm_cache(self, text: str, language: str, audio_format: str) -> None:
        """Raise an error that the call flow does not expect."""
        raise LookupError(text, language, audio_format)


async def erase(world: World, hotel_ids: list[str] | None) -> None:
    """Erase the caller's data at hotels."""
    erasure = ResponseErasure(CallRepository(world.store), IdempotentExecutor(world.store))
    await erasure.erase(pseudonymize(PHONE, b"key"), hotel_ids)


def stored_text(world: World) -> str:
    """Return everything in the store."""
    return str(world.store.__dict__)


async def fail(world: World, event: dict[str, Any]) -> None:
    """Deliver an event that fails after its reply is known."""
    telephony, world.telephony = world.telephony, FailingTelephony()
    with pytest.raises(LookupError):
        await world.redeliver(event)
    world.telephony = telephony


async def test_reply_of_a_failed_event_is_kept_for_its_redelivery() -> None:
    """The guest is told what was found out first, although the stay was cancelled in between."""
    world = World()
    expected, _ = await World().send(START, DETAILS)
    await world.send(START)
    await fail(world, DETAILS)
    await world.pms.cancel_reservation("OWN-1")

    response = await world.redeliver(DETAILS)

    assert response == expected


@pytest.mark.parametrize("hotel_ids", [None, ["MUC"]])
async def test_erasure_covers_stored_responses(hotel_ids: list[str] | None) -> None:
    """Neither the guest's name nor what the guest said is left; the hotel's own staff may erase it."""
    world = World()
    await world.send(START, ORDER, DETAILS)
    before = stored_text(world)

    await erase(world, hotel_ids)

    personal = ("Muster", "vegan", "breakfast for")
    assert [text in before for text in personal] == [True] * 3
    assert [text in stored_text(world) for text in personal] == [False] * 3


async def test_redelivered_event_has_no_second_effect_after_the_erasure() -> None:
    """The response says what happened, without personal data."""
    world = World()
    first, _ = await world.send(START, ORDER)
    before = world.pms.snapshot()
    await erase(world, None)

    second = await world.redeliver(ORDER)

    assert second == first | {"reply": "", "result": {}, "guest_input": ""}
    assert world.pms.snapshot() == before


async def test_erasure_covers_the_reply_of_a_failed_event() -> None:
    """It is kept for the next delivery, which asks the PMS again instead."""
    world = World()
    expected, _ = await World().send(START, DETAILS)
    await world.send(START)
    # so that the name can only be in what the failed event leaves behind
    await erase(world, None)
    assert "Muster" not in stored_text(world)
    await fail(world, DETAILS)
    assert "Muster" in stored_text(world)
    await erase(world, None)
    after_erasure = stored_text(world)

    response = await world.redeliver(DETAILS)

    assert "Muster" not in after_erasure
    assert response == expected


async def test_other_hotels_keep_their_responses() -> None:
    """A principal of BER erases nothing of MUC."""
    world = World()
    await world.send(START)

    await erase(world, ["BER"])

    assert "Muster" in stored_text(world)
