"""Reads what a soak has left behind: records, the vendors' state, the log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from soak.invariants import Observation
from soak.world import World

MAX_LEAKS = 20


async def observe(world: World, http: httpx.AsyncClient, phones: Iterable[str]) -> Observation:
    """Read the records of these callers, and the state of the PMS and of LiveKit."""
    records: list[dict[str, Any]] = []
    for phone in phones:
        response = await http.get(f"/gdpr/export/{quote(phone)}")
        records += response.raise_for_status().json()["calls"]
    reservations = world.apaleo.reservations.values()
    return Observation(
        records,
        Counter((reservation.guest or {}).get("lastName", "") for reservation in reservations),
        Counter(
            (reservation.id, service) for reservation in reservations for service in reservation.services
        ),
        frozenset(world.livekit.rooms),
    )


def find_stub_defects(world: World) -> list[str]:
    """Return the responses with which a stub broke its own schemas: then the soak says nothing about the service."""
    return [
        f"{name}: {defect}" for name, app in world.stubs.items() for defect in app.runtime.journal.defects
    ]


def find_personal_data(log: Path, pattern: re.Pattern[str]) -> list[str]:
    """Return the lines of a log that contain personal data of a guest, at most `MAX_LEAKS`."""
    with log.open(encoding="utf-8") as lines:
        leaks = (line.strip()[:300] for line in lines if pattern.search(line))
        return [f"personal data in the log: {line}" for line, _ in zip(leaks, range(MAX_LEAKS), strict=False)]
