"""The state file of a transfer: which steps are done, so that a second run continues and repeats nothing."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from broker.domain.json_document import decode_json, encode_json
from broker.transfer.steps import TransferError


class Progress:
    """The steps that were done at one broker; each is written to the file before the next one begins.

    Args:
        file: created if it is missing; each line is a JSON document.
        target: the broker that receives the history.

    Raises:
        TransferError: The file belongs to another broker, or is no state file.
    """

    def __init__(self, file: Path, target: str) -> None:
        self._done: set[str] = set()
        self._begun: str | None = None
        try:
            self._read(file, target)
            self._stream = file.open("a", encoding="utf-8")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TransferError(f"{file} is no state file of a transfer: {error}") from None
        if self._stream.tell() == 0:
            self._append({"target": target})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stream.close()

    def is_done(self, key: str) -> bool:
        """Return whether a step is done."""
        return key in self._done

    def was_interrupted(self, key: str) -> bool:
        """Return whether an earlier run ended during a step, so that its write may have arrived or not."""
        return key == self._begun

    def begin(self, key: str) -> None:
        """Record that a step begins whose write must not be sent twice."""
        self._append({"begin": key})

    def finish(self, key: str) -> None:
        """Record that a step is done."""
        self._done.add(key)
        self._append({"done": key})

    def _read(self, file: Path, target: str) -> None:
        if not file.exists() or not file.stat().st_size:
            return
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        # a run that was killed may have left half a line at the end
        entries = [decode_json(line) for line in lines if line.endswith("\n")]
        if not lines[-1].endswith("\n"):
            os.truncate(file, sum(len(line.encode()) for line in lines[:-1]))
        if entries and entries[0]["target"] != target:
            raise TransferError(
                f"{file} is the state of a transfer to {entries[0]['target']}: name another file with --state"
            )
        self._done = {entry["done"] for entry in entries if "done" in entry}
        begun = [entry["begin"] for entry in entries if "begin" in entry]
        self._begun = begun[-1] if begun and begun[-1] not in self._done else None

    def _append(self, entry: dict[str, str]) -> None:
        self._stream.write(encode_json(entry) + "\n")
        # given to the operating system: a kill of this process loses nothing
        self._stream.flush()
