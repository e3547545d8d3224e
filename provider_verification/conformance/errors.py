"""The error of a conformance check that cannot be run."""

from __future__ import annotations


class SpecError(Exception):
    """A spec, a schema or the list of deviations is missing or not valid; the message names the file."""
