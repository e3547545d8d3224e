"""The audit log: who did what, by ids and without personal data."""

from __future__ import annotations

from orchestrator.observability import logging


def log_audit_event(action: str, *, actor: str, outcome: str = "success", **ids: str | int | None) -> None:
    """Log an action.

    Args:
        action: such as `login`.
        actor: the id of a user or API key, or `anonymous`.
        outcome: `success` or the reason of the failure.
        ids: of the objects of the action.
    """
    logging.info("audit", action=action, actor=actor, outcome=outcome, **ids)
