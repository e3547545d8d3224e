"""build/stubs.json: the stubs that run in this checkout; `make violations` asks them."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

STUB_URLS_FILE = Path("build/stubs.json")
"""The base URL of each running stub."""


@contextmanager
def announce_stubs(urls: Mapping[str, str]) -> Iterator[None]:
    """Keep the file as long as the block runs.

    Args:
        urls: the base URL of each stub.

    Raises:
        OSError: other stubs run in this checkout; the message has their addresses.
    """
    STUB_URLS_FILE.parent.mkdir(exist_ok=True)
    with STUB_URLS_FILE.open("a+", encoding="utf-8") as file:
        try:
            # the file remains if its process is killed, the lock does not
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running = ", ".join(f"{vendor} at {url}" for vendor, url in read_stub_urls().items())
            raise OSError(
                f"stubs run in this checkout already, and 'make violations' asks them: {running}. Stop them first"
            ) from None
        file.truncate(0)
        file.write(json.dumps(urls))
        file.flush()
        try:
            yield
        finally:
            STUB_URLS_FILE.unlink(missing_ok=True)


def read_stub_urls() -> dict[str, str]:
    """Return the base URL of each running stub.

    Raises:
        OSError: no stubs run.
        ValueError: the file is not JSON.
    """
    urls: dict[str, str] = json.loads(STUB_URLS_FILE.read_text(encoding="utf-8"))
    return urls
