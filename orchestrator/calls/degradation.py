"""Graceful degradation: a dependency that fails becomes a warning, and the call continues."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar

from orchestrator.calls.call import CallWarning
from orchestrator.calls.ports import DependencyUnavailableError
from orchestrator.observability import logging
from orchestrator.pms.errors import PmsUnavailableError

T = TypeVar("T")
WARNING_MESSAGES = {
    "pms": "The PMS is unavailable; the call continues without it.",
    "tts": "Speech synthesis is unavailable; the agent received the text.",
    "livekit": "LiveKit is unavailable; nothing was changed in the room.",
    "database": "The database is unavailable; the order may not be stored.",
}


class DegradationLog:
    """The warnings of one event."""

    def __init__(self) -> None:
        self._warnings: list[CallWarning] = []
        # kept apart, because a client's mistake must not mark the call as degraded
        self._client_warnings: list[CallWarning] = []
        self._recorded = 0

    async def run_or_degrade(self, step: Awaitable[T]) -> T | None:
        """Return the result of a step, or None and add a warning if its dependency is unavailable."""
        try:
            return await step
        except PmsUnavailableError as error:
            self._degrade("pms", error.reason)
        except DependencyUnavailableError as error:
            self._degrade(error.dependency, error.reason)
        return None

    async def run_and_report(self, step: Awaitable[None]) -> bool:
        """Run a step without a result; return False and add a warning if its dependency is unavailable."""

        async def confirm() -> bool:
            await step
            return True

        return await self.run_or_degrade(confirm()) or False

    def add_unavailable(self, dependency: str) -> None:
        """Add the warning that a dependency is unavailable, or was so during an earlier delivery of the event."""
        self._add(
            CallWarning(
                code=f"{dependency.upper()}_UNAVAILABLE",
                vendor=dependency,
                message=WARNING_MESSAGES[dependency],
            )
        )

    def restore(self, warnings: list[dict[str, str]]) -> None:
        """Add the warnings of an earlier delivery of the event, as `as_json` returned them."""
        for warning in warnings:
            self._add(CallWarning(**warning))

    def warn_if_pms_not_served(self, requested: Any, served: str) -> None:
        """Add a warning if the client names a PMS that this deployment does not serve; the call is not degraded."""
        if requested is not None and requested != served:
            message = f"This deployment serves the PMS '{served}'; the requested type was ignored."
            self._client_warnings.append(
                CallWarning(code="PMS_TYPE_NOT_SERVED", vendor="pms", message=message)
            )

    def take_unrecorded(self) -> list[CallWarning]:
        """Return the warnings about dependencies that were added since the last call of this method."""
        warnings = self._warnings[self._recorded :]
        self._recorded = len(self._warnings)
        return warnings

    def as_json(self) -> list[dict[str, str]]:
        """Return the warnings as they are sent to clients."""
        return [warning.model_dump() for warning in (*self._client_warnings, *self._warnings)]

    def _degrade(self, dependency: str, reason: str) -> None:
        logging.warning("call_degraded", vendor=dependency, reason=reason)
        self.add_unavailable(dependency)

    def _add(self, warning: CallWarning) -> None:
        # one event may need the same dependency several times
        if warning not in self._warnings:
            self._warnings.append(warning)
