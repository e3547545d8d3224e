"""What LiveKit has to be set up with, according to a hotel's file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from orchestrator.calls.call import ROOM_NAME_PREFIX
from orchestrator.telephony.setup.hotel_file import DispatchRule, HotelFile, InboundTrunk, OutboundTrunk
from orchestrator.telephony.setup.ownership import ownership_mark
from orchestrator.vendors.livekit.sip_settings import (
    DispatchRuleSettings,
    InboundTrunkSettings,
    OutboundTrunkSettings,
)

SipSettings: TypeAlias = InboundTrunkSettings | OutboundTrunkSettings | DispatchRuleSettings


def desired_settings(file: HotelFile, environment: Mapping[str, str]) -> list[SipSettings]:
    """Return the settings of everything in a file.

    The trunks of a dispatch rule are given by their names in the file, because new trunks have no id yet.

    Args:
        file: the file.
        environment: holds the passwords.
    """
    return [
        *(_inbound_trunk(file.hotel, trunk, environment) for trunk in file.inbound_trunks),
        *(_outbound_trunk(file.hotel, trunk, environment) for trunk in file.outbound_trunks),
        *(_dispatch_rule(file.hotel, rule) for rule in file.dispatch_rules),
    ]


def _inbound_trunk(hotel: str, trunk: InboundTrunk, environment: Mapping[str, str]) -> InboundTrunkSettings:
    return InboundTrunkSettings(
        name=_label(hotel, trunk.name),
        metadata=ownership_mark(hotel, trunk.name),
        numbers=_sorted(trunk.numbers),
        allowed_addresses=_sorted(trunk.allowed_addresses),
        allowed_numbers=_sorted(trunk.allowed_numbers),
        auth_username=trunk.auth_username,
        auth_password=trunk.password(environment),
    )


def _outbound_trunk(
    hotel: str, trunk: OutboundTrunk, environment: Mapping[str, str]
) -> OutboundTrunkSettings:
    return OutboundTrunkSettings(
        name=_label(hotel, trunk.name),
        metadata=ownership_mark(hotel, trunk.name),
        address=trunk.address,
        transport=f"SIP_TRANSPORT_{trunk.transport.upper()}",
        numbers=_sorted(trunk.numbers),
        auth_username=trunk.auth_username,
        auth_password=trunk.password(environment),
    )


def _dispatch_rule(hotel: str, rule: DispatchRule) -> DispatchRuleSettings:
    return DispatchRuleSettings(
        name=_label(hotel, rule.name),
        metadata=ownership_mark(hotel, rule.name),
        trunk_ids=_sorted(rule.inbound_trunks),
        room_prefix=ROOM_NAME_PREFIX,
        agents=_sorted(rule.agents),
    )


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


def _label(hotel: str, name: str) -> str:
    # several hotels may share a LiveKit server, whose users see only names
    return f"{hotel}/{name}"
