"""Which hosts and addresses webhooks may be sent to, and the settings for that."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from broker.domain.webhook_rules import WebhookRules, parse_host_rule
from broker.domain.webhook_template import RenderedRequest
from broker.webhooks.sender import WebhookSender
from broker.webhooks.settings import WebhookSettings, WebhookSettingsError, read_settings
from tests.broker.webhook_receiver import WebhookReceiver


def rules(*hosts: str) -> WebhookRules:
    """Return rules with a list of allowed hosts."""
    return WebhookRules(schemes=("http", "https"), hosts=tuple(parse_host_rule(host) for host in hosts))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
        "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
        "2002:7f00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_address_that_is_not_public_is_refused(address: str) -> None:
    """Loopback, private networks, metadata services and IPv6 forms of their addresses cannot be reached by a name."""
    assert rules().find_address_error("ci.example.org", address) is not None


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost.",
        "LOCALHOST",
        "ci.localhost",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "::1",
    ],
)
def test_host_of_this_machine_is_refused_before_it_is_resolved(host: str) -> None:
    """In every notation, so that a webhook which can never be sent is not stored."""
    assert "which is not public" in (rules().find_host_error(host) or "")
    assert rules("localhost", "*.localhost", "127.0.0.0/8").find_host_error("localhost") is None


@pytest.mark.parametrize(
    "host", ["ci.example.org", "localhost.example.org", "notlocalhost", "93.184.216.34", "1572395042"]
)
def test_other_host_is_not_refused_before_it_is_resolved(host: str) -> None:
    """Names may have a public address."""
    assert rules().find_host_error(host) is None


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34"])
def test_public_address_is_allowed(address: str) -> None:
    """Public addresses need no setting."""
    assert rules().find_address_error("ci.example.org", address) is None


@pytest.mark.parametrize(
    ("entry", "host", "is_allowed"),
    [
        ("ci.example.org", "ci.example.org", True),
        ("ci.example.org", "CI.Example.org.", True),
        ("ci.example.org", "other.example.org", False),
        ("*.example.org", "ci.example.org", True),
        ("*.example.org", "example.org", False),
        ("*.example.org", "badexample.org", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "ci.example.org", False),
        ("::1", "::1", True),
        ("/^ci[0-9]+$/", "ci7", True),
        ("/^ci[0-9]+$/", "ci", False),
    ],
)
def test_host_is_allowed_by_an_entry_of_the_list(entry: str, host: str, *, is_allowed: bool) -> None:
    """A name, a domain, a network or a regular expression, as at the official broker."""
    assert (rules(entry).find_host_error(host) is None) == is_allowed


def test_listed_name_may_have_a_private_address_but_not_that_of_a_metadata_service() -> None:
    """A link-local address has to be listed itself."""
    by_name = rules("ci.example.org")

    assert by_name.find_address_error("ci.example.org", "10.0.0.1") is None
    assert by_name.find_address_error("ci.example.org", "169.254.169.254") is not None
    assert rules("169.254.0.0/16").find_address_error("169.254.1.1", "169.254.1.1") is None
    assert rules("10.0.0.0/8").find_address_error("ci.example.org", "10.0.0.1") is not None


def request(url: str) -> RenderedRequest:
    """Return a request without a body."""
    return RenderedRequest("POST", url, (), b"")


class Resolver:
    """Resolves every name to the next of some addresses, as a server does that is used for DNS rebinding."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.names: list[str] = []

    async def __call__(self, host: str, port: int, **_: Any) -> list[Any]:
        """Return one answer."""
        self.names.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (self.answers.pop(0), port))]


async def send(
    sender: WebhookSender, url: str, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> tuple[bool, str | None]:
    """Send a request while names are resolved by a resolver, and return the outcome."""
    loop = asyncio.get_running_loop()
    with monkeypatch.context() as patch:
        patch.setattr(loop, "getaddrinfo", resolver)
        attempt = await sender.send(request(url))
    await sender.close()
    return attempt.success, attempt.error


async def test_name_with_a_private_address_is_refused_when_it_is_sent(
    receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is public when the webhook is created may be loopback later."""
    sender, resolver = WebhookSender(WebhookSettings(rules())), Resolver("127.0.0.1")

    outcome = await send(sender, receiver.url.replace("127.0.0.1", "ci.test"), resolver, monkeypatch)

    assert outcome == (
        False,
        "host ci.test has the address 127.0.0.1, which is not public: to allow it, add the host to PACT_BROKER_WEBHOOK_HOST_WHITELIST",
    )
    assert receiver.requests == []


async def test_connection_is_to_the_checked_address(
    receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is resolved once: a second answer, for the connection, cannot be another address."""
    sender, resolver = WebhookSender(WebhookSettings(rules("ci.test"))), Resolver("127.0.0.1", "127.0.0.2")

    outcome = await send(sender, receiver.url.replace("127.0.0.1", "ci.test"), resolver, monkeypatch)

    assert outcome == (True, None)
    assert resolver.names == ["ci.test"]
    assert receiver.requests[0].headers["host"] == receiver.url.replace("http://127.0.0.1", "ci.test")


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]", "localhost"])
async def test_other_spelling_of_loopback_is_refused(receiver: WebhookReceiver, host: str) -> None:
    """What counts is the address that the system resolves."""
    sender = WebhookSender(WebhookSettings(rules()))

    attempt = await sender.send(request(receiver.url.replace("127.0.0.1", host)))
    await sender.close()

    assert "which is not public" in (attempt.error or "")
    assert receiver.requests == []


async def test_response_is_hidden_without_a_list_of_hosts(
    receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log has the status only, as at the official broker."""
    monkeypatch.setattr("broker.domain.webhook_rules._is_public", lambda _: True)
    receiver.response_body = b"internal"
    sender = WebhookSender(WebhookSettings(rules()))

    attempt = await sender.send(request(receiver.url))
    await sender.close()

    assert "HTTP/1.1 200 OK" in attempt.log
    assert "internal" not in attempt.log


def test_settings_have_the_defaults_of_the_official_broker() -> None:
    """Only POST to https, and six retries."""
    settings = read_settings({})

    rules = settings.rules
    assert settings == WebhookSettings()
    assert ([*rules.methods], [*rules.schemes], [*rules.hosts]) == (["POST"], ["https"], [])
    assert [*settings.retry_seconds] == [10, 60, 120, 300, 600, 1200]
    assert settings.max_attempts == 7


def test_settings_are_read_from_the_environment() -> None:
    """Each is a list with spaces."""
    settings = read_settings(
        {
            "PACT_BROKER_WEBHOOK_HTTP_METHOD_WHITELIST": "post PUT",
            "PACT_BROKER_WEBHOOK_SCHEME_WHITELIST": "http https",
            "PACT_BROKER_WEBHOOK_HOST_WHITELIST": "ci.example.org 10.0.0.0/8",
            "PACT_BROKER_WEBHOOK_RETRY_SCHEDULE": "1 2.5",
            "PACT_BROKER_WEBHOOK_HTTP_CODE_SUCCESS": "200 302",
        }
    )

    assert [*settings.rules.methods] == ["POST", "PUT"]
    assert [*settings.rules.schemes] == ["http", "https"]
    assert [rule.text for rule in settings.rules.hosts] == ["ci.example.org", "10.0.0.0/8"]
    assert [*settings.retry_seconds] == [1, 2.5]
    assert settings.success_codes == {200, 302}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PACT_BROKER_WEBHOOK_SCHEME_WHITELIST", "https gopher", "gopher must be any of http, https"),
        ("PACT_BROKER_WEBHOOK_HTTP_METHOD_WHITELIST", "JUMP", "JUMP must be any of CONNECT, DELETE"),
        ("PACT_BROKER_WEBHOOK_HOST_WHITELIST", "/[/", "/[/ is not a regular expression"),
        ("PACT_BROKER_WEBHOOK_RETRY_SCHEDULE", "10 soon", "must be at most 20 numbers from 0 to 86400"),
        ("PACT_BROKER_WEBHOOK_RETRY_SCHEDULE", "nan", "must be at most 20 numbers from 0 to 86400"),
        ("PACT_BROKER_WEBHOOK_HTTP_CODE_SUCCESS", "20", "must be at most 500 numbers from 100 to 599"),
    ],
)
def test_invalid_setting_is_named(name: str, value: str, message: str) -> None:
    """The error names the variable and what would be right."""
    with pytest.raises(WebhookSettingsError, match=name) as raised:
        read_settings({name: value})

    assert message in str(raised.value)
