"""Why the other end of a SIP call did not take it."""

from __future__ import annotations

from collections.abc import Mapping

SIP_ERROR_PREFIX = "sip "
"""LiveKit reports the SIP status of the other end as an error code such as `sip 486`."""
REASON_BY_SIP_CODE: Mapping[str, str] = {
    "sip 403": "declined",
    "sip 408": "no_answer",
    "sip 480": "no_answer",
    "sip 486": "busy",
    "sip 600": "busy",
    "sip 603": "declined",
    "sip 607": "declined",
}
"""The reason for clients by LiveKit's error code (RFC 3261, section 21, and RFC 8197 for 607)."""
