"""The environment of the verification processes."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from gate.verification import _verifier_environment as verifier_environment

SYSTEM = {"SSL_CERT_DIR": "/system/certificates", "SSL_CERT_FILE": "/system/bundle.pem"}


@pytest.fixture(autouse=True)
def system_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates that the user has configured."""
    for name, value in SYSTEM.items():
        monkeypatch.setenv(name, value)


def test_verification_without_tls_loads_one_certificate(tmp_path: Path) -> None:
    """The verifier loads what the variable names for each request, and does not start without any."""
    environment = verifier_environment("http://127.0.0.1:9292", tmp_path)

    context = ssl.create_default_context(cafile=environment["SSL_CERT_FILE"])
    assert len(context.get_ca_certs()) == 1
    assert "SSL_CERT_DIR" not in environment


def test_verification_with_tls_trusts_what_the_user_trusts(tmp_path: Path) -> None:
    """The broker's certificate is checked."""
    environment = verifier_environment("https://broker.hotel.example", tmp_path)

    assert {name: environment[name] for name in SYSTEM} == SYSTEM
