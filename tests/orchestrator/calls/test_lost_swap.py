"""The record of a call that changes while the record is written."""

from __future__ import annotations

from orchestrator.calls.call import Call
from orchestrator.calls.call_ending import CallEnding
from orchestrator.calls.repository import CallRepository
from orchestrator.observability.metrics import Metrics
from orchestrator.state.memory import InMemoryStateStore
from tests.orchestrator.calls.call_flow import START, CallFlow, RecordingTelephony, RecordsInMemory, started
from tests.orchestrator.calls.recording_doubles import recordings_in_memory


class RecordsOfChangingCall(RecordsInMemory):
    """Records during whose first writes the call changes.

    Args:
        calls: the calls.
        languages: what the language of the call becomes after each of the first writes.
    """

    def __init__(self, calls: CallRepository, languages: list[str]) -> None:
        super().__init__(RecordingTelephony())
        self._calls = calls
        self._languages = languages
        self.written: list[str] = []

    async def save(self, call: Call) -> None:
        """Store the record, and change the call."""
        await super().save(call)
        self.written.append(call.language)
        if self._languages:
            language = self._languages.pop(0)
            await self._calls.update(
                call.call_id, lambda call: call.model_copy(update={"language": language})
            )


async def test_record_is_written_again_until_it_shows_the_latest_state() -> None:
    """Each lost swap costs one more write; the call is counted once."""
    store = InMemoryStateStore()
    await CallFlow(store=store).send(started())
    calls, metrics = CallRepository(store), Metrics()
    records = RecordsOfChangingCall(calls, ["de", "fr"])
    ending = CallEnding(calls, records, RecordingTelephony(), recordings_in_memory(store), metrics)

    response = await ending.end_call("1", START, 60.0)

    assert (records.written, records.by_id["1"].language) == (["en", "de", "fr"], "fr")
    assert (response["state"], (await calls.get("1")).status) == ("ended", "ended")
    assert metrics.registry.get_sample_value("call_total", {"outcome": "completed"}) == 1
