"""The root certificates that Pact's verifier loads.

It loads them for each request, which is half of its CPU time if they are all of the system's, and does not start without one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import certifi

VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


@contextmanager
def certificates_for(*urls: str) -> Iterator[None]:
    """Let the verifier load one root certificate for the block, if no URL needs any.

    The variables are those of the whole process, so that no other thread may use certificates meanwhile.

    Args:
        urls: all that is requested. Without TLS and on loopback no certificate is checked; any other URL may at least
            redirect to one with TLS.
    """
    if not all(map(_is_plain_loopback, urls)):
        yield
        return
    previous = {name: os.environ.pop(name) for name in VARIABLES if name in os.environ}
    try:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "certificate.pem"
            file.write_text(
                f"{BEGIN}{certifi.contents().partition(BEGIN)[2].partition(END)[0]}{END}\n", encoding="ascii"
            )
            os.environ["SSL_CERT_FILE"] = str(file)
            yield
    finally:
        os.environ.pop("SSL_CERT_FILE", None)
        os.environ.update(previous)


def _is_plain_loopback(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS
