"""Badges: a label and a status, in a colour that the status has."""

from __future__ import annotations

import re
from dataclasses import dataclass

GREEN, RED, ORANGE, GREY = "#2e7d32", "#c62828", "#b45309", "#5f6368"
"""Dark enough for white text (a contrast of at least 4.5 to 1)."""


@dataclass(frozen=True, slots=True)
class Badge:
    """The texts of a badge and the colour of its status."""

    label: str
    status: str
    color: str


PACT_NOT_FOUND = Badge("pact not found", "unknown", GREY)


def pact_label(consumer: str, provider: str, role: str | None, *, initials: bool) -> str:
    """Return the label of a pact's badge.

    Args:
        consumer: the consumer's name.
        provider: the provider's name.
        role: `consumer` or `provider` for the name of one of them only; anything else for both.
        initials: whether a name of several words is shortened to their first letters.
    """
    names = {"consumer": consumer, "provider": provider}
    selected = [names[role]] if role in names else [consumer, provider]
    shown = [_initials(name) if initials else name for name in selected]
    return f"{'/'.join(shown).lower()} pact"


def pact_badge(
    label: str, *, success: bool | None, is_for_other_content: bool = False, is_pending: bool = False
) -> Badge:
    """Return the badge of a pact.

    Args:
        label: its label.
        success: the newest result; None if there is none.
        is_for_other_content: the result is for an earlier content, and this one has none yet.
        is_pending: the result was published for a pact that must not fail the provider's build.
    """
    if success is None:
        return Badge(label, "unknown", GREY)
    if not success:
        return Badge(label, "failed (pending)" if is_pending else "failed", RED)
    return Badge(label, "changed", ORANGE) if is_for_other_content else Badge(label, "verified", GREEN)


def deployment_badge(label: str, status: str, *, deployable: bool | None) -> Badge:
    """Return the badge of a can-i-deploy decision, whose status says from where to where."""
    return Badge(label, status, GREEN if deployable else RED)


def merge_badge(label: str, *, mergeable: bool | None) -> Badge:
    """Return the badge of a can-i-merge decision; None is one that misses a result or a main branch."""
    if mergeable is None:
        return Badge(label, "unknown", GREY)
    return Badge(label, "success", GREEN) if mergeable else Badge(label, "failed", RED)


def not_found_badge(what: str) -> Badge:
    """Return the badge for a pacticipant, version or environment that does not exist."""
    return Badge(what, "not found", GREY)


def _initials(name: str) -> str:
    words = re.findall(r"\w[^\W_]*", re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name).replace("_", " "))
    return "".join(word[0] for word in words) if len(words) > 1 else name
