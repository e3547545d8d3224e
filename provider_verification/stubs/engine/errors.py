"""The error of a contract's files. It imports nothing, because test processes without stubs read pacts too."""

from __future__ import annotations


class ContractError(Exception):
    """A file of the contract is missing or invalid; the message names the file and the place."""
