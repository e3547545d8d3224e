"""An HTTP archive, HAR 1.2, that is written entry by entry."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

MAX_BYTES = 64 * 1024 * 1024
MAX_ENTRIES = 20_000
CREATOR = {"name": "VoiceHive stubs", "version": "1"}


class HarRecorder:
    """A context that writes entries; the file appears complete when it ends, and not before.

    Until then they are in a file beside it, whose name ends with `.part`. Entries beyond MAX_ENTRIES or MAX_BYTES are
    counted in the comment of the log.

    Args:
        path: the file.

    Raises:
        OSError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._entries = self._bytes = self._omitted = 0
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder: RECORD should name a file such as traffic.har")
        try:
            self._file: TextIO = self._part.open("w", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise OSError(f"cannot write {self._part}: {error.strerror}") from None

    def __enter__(self) -> Self:
        """Write the beginning."""
        self._file.write('{"log": {"version": "1.2", "creator": ' + json.dumps(CREATOR) + ', "entries": [')
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the end, and move the file to its place."""
        comment = f"{self._omitted} further entries are not in this file" if self._omitted else "complete"
        with self._file:
            self._file.write(f'\n], "comment": {json.dumps(comment)}}}}}\n')
        self._part.replace(self._path)

    def add(self, entry: dict[str, Any]) -> None:
        """Write an entry, unless there are too many; an error of the disk loses entries, and never a response."""
        # ASCII: a lone surrogate in a message cannot be encoded
        text = json.dumps(entry)
        if self._entries >= MAX_ENTRIES or self._bytes + len(text) > MAX_BYTES:
            self._omitted += 1
            return
        try:
            self._file.write(f"{',' if self._entries else ''}\n{text}")
        except OSError:
            self._omitted += 1
            return
        self._entries += 1
        self._bytes += len(text)
