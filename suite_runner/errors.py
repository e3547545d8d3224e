"""Errors of the command line."""

from __future__ import annotations


class UsageError(Exception):
    """The arguments cannot be used; the message says what would be right."""
