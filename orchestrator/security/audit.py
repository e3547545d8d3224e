"""Who did what, for those who must answer for it later: a log line of its own kind, by ids, without personal data."""

from __future__ import annotations

from orchestrator.observability import logging


def log_audit_event(action: str, *, actor: str, outcome: str = "success", **ids: str | int | None) -> None:
    """Note an action.

    Args:
        action: such as `login`.
        actor: the id of a user or API key, `nobody` if none is known.
        outcome: `success`, or why not.
        ids: of what it was done to.
    """
    logging.info("audit", action=action, actor=actor, outcome=outcome, **ids)
