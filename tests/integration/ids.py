"""Ids that are unique over runs and test processes, so that one deployment can be tested repeatedly."""

from __future__ import annotations

import itertools
import time
import zlib

RUN_ID = f"{int(time.time() * 1000):x}"
_counter = itertools.count(1)


class IdFactory:
    """Creates unique ids.

    Args:
        worker: name of the test process.
    """

    def __init__(self, worker: str) -> None:
        self._prefix = f"{RUN_ID}{worker}"

    def call(self) -> str:
        """Return a call id."""
        return f"{self._prefix}-{next(_counter)}"

    def reservation(self) -> str:
        """Return a reservation id in Apaleo's format."""
        return f"{self._prefix}X{next(_counter)}-1".upper()

    def phone(self) -> str:
        """Return a phone number in Berlin."""
        return f"+4930{zlib.crc32(f'{self._prefix}-{next(_counter)}'.encode()) % 10**8:08}"

    def email(self) -> str:
        """Return an e-mail address."""
        return f"user-{self._prefix}-{next(_counter)}@hotel.example"
