"""Why a conformance check cannot even be made."""

from __future__ import annotations


class SpecError(Exception):
    """A spec, a schema or the list of deviations is missing, unreadable or wrong; the message says which and where."""
