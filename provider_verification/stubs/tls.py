"""TLS for the stubs: a certificate that is made on the spot, and what makes a client trust it."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import certifi

CERTIFICATE_FILE = Path("build/stubs-ca.pem")
"""The certificate alone, which is its own authority."""
BUNDLE_FILE = Path("build/stubs-ca-bundle.pem")
"""The same, after the certificates of the public authorities: a variable that names it replaces the system's."""

BUNDLE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""What Python's ssl, httpx and Go read; what requests reads; what curl reads."""

OPENSSL_OPTIONS = (
    *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"),
    *("-subj", "/CN=VoiceHive stubs", "-addext", "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost"),
    *("-addext", "keyUsage=critical,digitalSignature,keyCertSign", "-addext", "extendedKeyUsage=serverAuth"),
)
"""Python 3.13 verifies strictly: an authority needs the usage of its key."""
OPENSSL_TIMEOUT_SECONDS = 30


class Certificate(NamedTuple):
    """The files of a server's certificate and of its private key."""

    certificate_file: Path
    key_file: Path


@contextmanager
def made_up_certificate() -> Iterator[Certificate]:
    """Create a certificate for loopback; it and its key exist as long as the block runs.

    Raises:
        OSError: there is no openssl, or it failed. Python has no library of its own that makes certificates, and with one
            installed every process that reads a token would load it.
    """
    openssl = shutil.which("openssl")
    if openssl is None:
        raise OSError("TLS needs the program openssl, which makes the certificate")
    with TemporaryDirectory() as folder:
        certificate = Certificate(Path(folder) / "server.pem", Path(folder) / "server.key")
        files = ("-out", str(certificate.certificate_file), "-keyout", str(certificate.key_file))
        result = subprocess.run(  # noqa: S603 - fixed options
            [openssl, *OPENSSL_OPTIONS, *files],
            capture_output=True,
            check=False,
            text=True,
            timeout=OPENSSL_TIMEOUT_SECONDS,
        )
        if result.returncode:
            raise OSError(f"openssl made no certificate: {result.stderr.strip()[-300:]}")
        CERTIFICATE_FILE.parent.mkdir(exist_ok=True)
        pem = certificate.certificate_file.read_text(encoding="ascii")
        CERTIFICATE_FILE.write_text(pem, encoding="ascii")
        BUNDLE_FILE.write_text(f"{certifi.contents()}\n{pem}", encoding="utf-8")
        try:
            yield certificate
        finally:
            CERTIFICATE_FILE.unlink(missing_ok=True)
            BUNDLE_FILE.unlink(missing_ok=True)


def trust_variables() -> dict[str, str]:
    """Return the environment variables that make clients trust the stubs."""
    bundle = str(BUNDLE_FILE.resolve())
    certificate = str(CERTIFICATE_FILE.resolve())
    return {**dict.fromkeys(BUNDLE_VARIABLES, bundle), "NODE_EXTRA_CA_CERTS": certificate}


def client_context() -> ssl.SSLContext | bool:
    """Return what verifies the stubs that run in this checkout: their certificate, or the usual ones without TLS."""
    return ssl.create_default_context(cafile=str(CERTIFICATE_FILE)) if CERTIFICATE_FILE.exists() else True
