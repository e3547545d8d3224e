"""The erasure of a caller's data from the responses that are kept for redelivered events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from orchestrator.calls.call import Call
from orchestrator.calls.erasure import CallErasure
from orchestrator.calls.idempotency import IdempotentExecutor
from orchestrator.calls.ports import OpenRecording
from orchestrator.calls.recording import CallRecordings
from orchestrator.calls.repository import CallRepository
from orchestrator.gdpr.pseudonyms import pseudonymize
from tests.orchestrator.calls.call_flow import PHONE, ended, interaction, started
from tests.orchestrator.calls.crashing import TransferringTelephony, World
from tests.orchestrator.calls.recording_doubles import ArchiveInMemory
from tests.orchestrator.calls.test_unconfirmed import SlowHotel

START = started(reservation_id="OWN-1", guest_data={"note": "vegan"})
ORDER = interaction("room_service_request", text="breakfast for Ada", service="breakfast")
DETAILS = interaction("guest_info_request")
BOOKING = interaction("booking_request", last_name="Muster", arrival="2027-05-20", departure="2027-05-22")


class FailingTelephony(TransferringTelephony):
    """A telephony with a defect, after which the event fails."""

    async def warm_cache(self, text: str, language: str, audio_format: str, hotel_id: str) -> None:
        """Raise an error that the call flow does not expect."""
        raise LookupError(text, language, audio_format, hotel_id)


async def erase(world: World, hotel_ids: list[str] | None) -> None:
    """Erase the caller's data at hotels."""
    calls = CallRepository(world.store)
    recordings = CallRecordings(world.recorder, world.archive, "/recordings", calls)
    erasure = CallErasure(calls, IdempotentExecutor(world.store), recordings)
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


@pytest.mark.parametrize("hotel_ids", [None, ["MUC"]])
async def test_active_call_goes_on_without_the_callers_data(hotel_ids: list[str] | None) -> None:
    """Neither the call nor its record has the caller's number or pseudonym, whatever is asked until the end."""
    world = World()
    await world.send(START)
    await erase(world, hotel_ids)
    during = (await world.snapshot())["call"]

    details, _ = await world.send(DETAILS)
    booking, _ = await world.send(BOOKING)
    await world.send(ended())

    record = world.records.by_id["1"]
    assert (during["caller_number"], during["caller_pseudonym"], during["status"]) == (None, "", "active")
    assert [details["outcome"], booking["outcome"]] == ["done", "done"]
    assert (record.caller_number, record.caller_pseudonym, record.status) == (None, "", "ending")
    assert PHONE not in stored_text(world)


async def test_erasure_covers_unconfirmed_effects() -> None:
    """They contain the caller's number, for a request that is repeated."""
    world = World()
    world.pms = SlowHotel(arrives=False)
    await world.send(started(), BOOKING)
    before = (await world.snapshot())["call"]

    await erase(world, None)

    assert PHONE in str(before["unconfirmed"])
    assert PHONE not in str((await world.snapshot())["call"])


async def test_call_that_has_ended_becomes_anonymous() -> None:
    """An event that began before the end writes the record again, from the call in the store."""
    world = World()
    await world.send(START, ORDER, ended())
    await erase(world, None)

    call = await CallRepository(world.store).get("1")

    assert (call.status, call.caller_pseudonym, len(call.interactions)) == ("ended", "", 1)


class ErasingArchive(ArchiveInMemory):
    """An archive before one of whose operations the caller's data is erased."""

    def __init__(self, world: World, operation: str) -> None:
        super().__init__()
        self._world, self._operation = world, operation

    async def save_consent(self, call: Call, *, granted: bool, at: datetime) -> None:
        """Store the consent."""
        await self._erase_before("save_consent")
        await super().save_consent(call, granted=granted, at=at)

    async def open(self, call: Call, file: str) -> OpenRecording | None:
        """Store the recording."""
        await self._erase_before("open")
        return await super().open(call, file)

    async def _erase_before(self, operation: str) -> None:
        if operation == self._operation:
            await erase(self._world, None)


@pytest.mark.parametrize(("operation", "consents", "discarded"), [("save_consent", 0, 0), ("open", 1, 1)])
async def test_consent_during_an_erasure_leaves_no_recording(
    operation: str, consents: int, discarded: int
) -> None:
    """The erasure deletes what is stored before the call is anonymous; what comes later is not left behind."""
    world = World()
    world.archive = ErasingArchive(world, operation)
    await world.send(START)

    response, _ = await world.send(interaction("recording_consent", confirmed=True))

    archive = world.archive
    assert response["result"] == {"recording": False}
    assert (world.recorder.running, len(archive.consents)) == ({}, consents)
    assert (len(archive.discarded), archive.discarded) == (discarded, set(archive.recordings))


async def test_call_that_is_ordered_during_an_erasure_is_not_placed() -> None:
    """The erasure deletes the orders that are stored by then; one that comes later is not left behind."""
    world = World()
    await world.send(START, interaction("wake_up_request", time="07:00"))
    ordered_before = len(world.orders)
    world.before_order = lambda: erase(world, None)

    response, _ = await world.send(interaction("wake_up_request", time="08:00"))

    assert response["outcome"] == "done"
    assert (ordered_before, [str(order.due_at.time()) for order in world.orders.values()]) == (
        1,
        ["07:00:00"],
    )


async def test_calls_of_other_hotels_keep_the_callers_number() -> None:
    """A principal of BER changes no call of MUC."""
    world = World()
    await world.send(START)

    await erase(world, ["BER"])

    assert (await world.snapshot())["call"]["caller_number"] == PHONE
