"""The service's log of the flow matrix: the lines of each call, and what must not be in any line."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class ServiceLog:
    """Reads a log that grows.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content = bytearray()
        self._lines: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def lines(self, correlation_id: str) -> list[dict[str, Any]]:
        """Return the lines of one request."""
        self._read()
        return self._lines[correlation_id]

    def end(self) -> int:
        """Return where the lines that are written from now on start."""
        self._read()
        return len(self._content)

    def occurrences(self, secrets: Iterable[str], start: int = 0) -> list[str]:
        """Return those of the texts that occur in any line, or in any after a start."""
        self._read()
        return [secret for secret in secrets if self._content.find(secret.encode(), start) >= 0]

    def _read(self) -> None:
        with self._path.open("rb") as file:
            file.seek(len(self._content))
            # the service may be writing the last line
            complete, _, _ = file.read().rpartition(b"\n")
        for text in complete.splitlines():
            line = json.loads(text)
            self._lines[line.get("correlation_id", "")].append(line)
        if complete:
            self._content += complete
            self._content += b"\n"
