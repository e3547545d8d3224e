"""Which address a client has: `X-Forwarded-For` counts as far as trusted proxies wrote it."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.api.client_address import client_group, is_in_networks, resolve_client_address
from orchestrator.settings.security import SecuritySettings

TRUSTED = SecuritySettings.model_validate(
    {"TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8:1::/48,192.0.2.7"}
).trusted_proxies
PROXY = "10.1.2.3"
CLIENT = "203.0.113.9"
ADDRESSES = st.ip_addresses().map(str)
PROXIES = st.ip_addresses(network="10.0.0.0/8").map(str)


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        (PROXY, CLIENT, CLIENT),
        (PROXY, f"198.51.100.1, {CLIENT}", CLIENT),
        (PROXY, f"198.51.100.1,{CLIENT} , 192.0.2.7", CLIENT),
        (PROXY, "10.9.9.9, 192.0.2.7", "10.9.9.9"),
        (PROXY, f"{CLIENT}:4711", CLIENT),
        (PROXY, "[2001:db8:2::1]:4711", "2001:db8:2::1"),
        (PROXY, "2001:0DB8:2:0::1", "2001:db8:2::1"),
        (PROXY, "", PROXY),
        (PROXY, "unknown", PROXY),
        (PROXY, f"{CLIENT}, unknown", PROXY),
        (PROXY, f"{CLIENT}, not-an-address, 192.0.2.7", "192.0.2.7"),
        (f"::ffff:{PROXY}", f"::ffff:{CLIENT}", CLIENT),
        ("2001:db8:1::5", CLIENT, CLIENT),
        ("192.0.2.8", CLIENT, "192.0.2.8"),
        ("127.0.0.1", CLIENT, "127.0.0.1"),
    ],
)
def test_right_most_untrusted_address_counts(peer: str, forwarded_for: str, address: str) -> None:
    """What an untrusted client wrote left of it, and text that is no address, does not count."""
    assert resolve_client_address(peer, forwarded_for, TRUSTED) == address


@given(peer=ADDRESSES, forged=st.text(max_size=50))
def test_header_of_untrusted_client_is_ignored(peer: str, forged: str) -> None:
    """Whatever it contains."""
    if not is_in_networks(peer, TRUSTED):
        assert resolve_client_address(peer, forged, TRUSTED) == peer
    assert resolve_client_address(peer, forged, ()) == peer


@given(client=ADDRESSES, proxies=st.lists(PROXIES, min_size=1, max_size=4), forged=st.text(max_size=50))
def test_forged_entries_have_no_effect(client: str, proxies: list[str], forged: str) -> None:
    """Each proxy appends where it was contacted from; what the client itself sent stands left of that."""
    if is_in_networks(client, TRUSTED):
        return
    *appended, peer = [client, *proxies]

    address = resolve_client_address(peer, ", ".join([forged, *appended]), TRUSTED)

    mapped = getattr(ip_address(client), "ipv4_mapped", None)
    assert address == str(mapped or client)


def test_ipv6_network_is_one_client() -> None:
    """An IPv4 address is one by itself, in both spellings; text is kept."""
    addresses = [
        "2001:db8::1",
        "2001:db8::ffff:1",
        "2001:db8:0:1::1",
        CLIENT,
        f"::ffff:{CLIENT}",
        "testclient",
    ]

    assert [client_group(address) for address in addresses] == [
        "2001:db8::",
        "2001:db8::",
        "2001:db8:0:1::",
        CLIENT,
        CLIENT,
        "testclient",
    ]


def test_no_proxy_is_trusted_by_default() -> None:
    """Addresses and networks are separated by commas."""
    assert SecuritySettings.model_validate({}).trusted_proxies == ()
    assert (ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48"), ip_network("192.0.2.7/32")) == TRUSTED


@pytest.mark.parametrize("value", ["10.0.0.1/8", "*", "localhost", "10.0.0.0/8;192.0.2.7"])
def test_invalid_proxy_is_rejected(value: str) -> None:
    """A network with a misspelled length, which would trust other addresses than meant, too."""
    with pytest.raises(ValueError, match="not a valid IPv4 or IPv6 network"):
        SecuritySettings.model_validate({"TRUSTED_PROXIES": value})
