"""Events delivered again after a crash."""

from __future__ import annotations

from datetime import date

from orchestrator.pms.adapters.memory import InMemoryConnector
from tests.orchestrator.calls.call_flow import CallFlow, interaction, started


async def test_booking_redelivered_after_lost_state_books_once() -> None:
    """The idempotency key of the PMS comes from the event, so a process that knows nothing of the first try repeats it."""
    pms = InMemoryConnector(rooms=2)
    event = interaction("booking_request", last_name="Muster", arrival="2027-05-10", departure="2027-05-12")
    reservation_ids = []
    for _ in range(2):
        flow = CallFlow(pms)
        await flow.send(started())
        reservation_ids.append((await flow.send(event))["result"]["reservation_id"])

    [offer] = await pms.find_offers("MUC", date(2027, 5, 10), date(2027, 5, 12), 1)

    assert reservation_ids[0] == reservation_ids[1]
    assert offer.available_units == 1
