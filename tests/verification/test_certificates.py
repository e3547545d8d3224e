"""The root certificates that the verifier loads."""

from __future__ import annotations

import os
import ssl

import pytest

from provider_verification.certificates import VARIABLES, certificates_for

LOOPBACK = "http://127.0.0.1:9292"
SYSTEM = {"SSL_CERT_DIR": "/system/certificates", "SSL_CERT_FILE": "/system/bundle.pem"}


@pytest.fixture(autouse=True)
def system_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates that the user has configured."""
    for name, value in SYSTEM.items():
        monkeypatch.setenv(name, value)


def current() -> dict[str, str]:
    """Return what the variables name."""
    return {name: os.environ[name] for name in VARIABLES if name in os.environ}


def test_verification_without_tls_loads_one_certificate() -> None:
    """The verifier loads what the variable names for each request, and does not start without any."""
    with certificates_for(LOOPBACK, "http://localhost:8080"):
        variables = current()
        context = ssl.create_default_context(cafile=variables["SSL_CERT_FILE"])

    assert len(context.get_ca_certs()) == 1
    assert variables.keys() == {"SSL_CERT_FILE"}


def test_certificates_of_the_user_are_restored() -> None:
    """Also after an error."""
    with pytest.raises(RuntimeError), certificates_for(LOOPBACK):
        raise RuntimeError

    assert current() == SYSTEM


@pytest.mark.parametrize("url", ["https://broker.hotel.example", "http://broker.hotel.example"])
def test_verification_with_tls_trusts_what_the_user_trusts(url: str) -> None:
    """The broker's certificate is checked, also that of a broker to which another URL redirects."""
    with certificates_for(LOOPBACK, url):
        variables = current()

    assert variables == SYSTEM


def test_variables_that_were_not_set_are_not_set_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's default applies again."""
    for name in VARIABLES:
        monkeypatch.delenv(name)

    with certificates_for(LOOPBACK):
        pass

    assert current() == {}
