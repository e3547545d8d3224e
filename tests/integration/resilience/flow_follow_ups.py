"""The follow-up of the flow matrix: a transfer, which is done after the response to the event that asks for it."""

from __future__ import annotations

import asyncio

from fault_injection.proxy import FaultProxy
from tests.integration.resilience.flow_log import ServiceLog

TRANSFER = "TransferSIPParticipant"
MESSAGE = "SendData"
RINGING_SECONDS = 5
"""The shortest that the service allows."""
TRANSFER_DEADLINE_SECONDS = RINGING_SECONDS + 10.0
"""How long the service waits for the response to a transfer."""
MAX_TRANSFER_SECONDS = 60.0
"""Only a hang takes longer."""
POLL_SECONDS = 0.1


class FollowUps:
    """Knows how the transfers of callers have ended.

    Args:
        log: the service's log.
        livekit: the proxy in front of LiveKit.
    """

    def __init__(self, log: ServiceLog, livekit: FaultProxy) -> None:
        self._log = log
        self._livekit = livekit

    async def wait_for_transfer(self, correlation_id: str) -> None:
        """Wait until the caller of an event is with a colleague, or knows that nobody takes the call."""
        time = asyncio.get_running_loop().time
        until = time() + MAX_TRANSFER_SECONDS
        while time() < until and not self.is_over(correlation_id):  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(POLL_SECONDS)

    def is_over(self, correlation_id: str) -> bool:
        """Return whether the caller of an event is with a colleague, or knows that nobody takes the call."""
        outcomes = [
            line["outcome"] for line in self._log.lines(correlation_id) if line["event"] == "transfer_ended"
        ]
        # the first message is that the caller is being connected
        return outcomes == ["transferred"] or (len(outcomes) == 1 and self._messages(correlation_id) > 1)

    def _messages(self, correlation_id: str) -> int:
        """Return how many messages the voice agent got because of an event."""
        return sum(
            exchange.response is not None
            and exchange.request.header("x-correlation-id") == correlation_id
            and exchange.request.start_line.partition("?")[0].split()[1].endswith(f"/{MESSAGE}")
            for exchange in self._livekit.exchanges
        )
