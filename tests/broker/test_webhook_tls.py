"""Webhooks over TLS: the connection is to an address, and the certificate has to be for the host of the URL."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from broker.domain.webhook_rules import WebhookRules, parse_host_rule
from broker.domain.webhook_template import RenderedRequest
from broker.webhooks.sender import WebhookSender
from broker.webhooks.settings import WebhookSettings
from tests.external_tools import not_run

NAME = "ci.test"


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for `ci.test` with its key in one file, which clients trust."""
    openssl = shutil.which("openssl")
    if openssl is None:
        not_run("openssl", "install Debian's package openssl")
    file = tmp_path / "certificate.pem"
    options = (
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    )
    names = (
        "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
        "-addext", "keyUsage=critical,digitalSignature,keyCertSign",
    )  # fmt: skip
    command = [openssl, *options, *names, "-out", str(file), "-keyout", str(tmp_path / "key.pem")]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


@pytest.mark.parametrize(("host", "error"), [(NAME, None), ("other.test", "Hostname mismatch")])
async def test_certificate_is_checked_for_the_name(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, host: str, error: str | None
) -> None:
    """Both names have the same address; the certificate is for one of them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    heads: list[bytes] = []

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(respond, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    hosts = (parse_host_rule(NAME), parse_host_rule("other.test"))
    sender = WebhookSender(WebhookSettings(WebhookRules(hosts=hosts)))

    async def resolve(_: str, port: int, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with monkeypatch.context() as patch:
        patch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
        attempt = await sender.send(RenderedRequest("POST", f"https://{host}:{port}/hook", (), b""))
    await sender.close()
    server.close()

    assert attempt.success is (error is None)
    assert (error or "") in (attempt.error or "")
    assert [head.partition(b" HTTP")[0] for head in heads] == [b"POST /hook"] * attempt.success
