"""The messages of a vendor's pacts: what it sends on its own initiative."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from provider_verification.stubs.engine.pact_examples import Example, members_of, paths_with, values_of
from provider_verification.stubs.engine.pact_files import PACTS, read_interactions


class PactMessages:
    """The messages of a vendor.

    Args:
        vendor: the provider's name in the pacts.
        folder: holds the pacts.

    Raises:
        ContractError: a file in the folder is not a pact.
    """

    def __init__(self, vendor: str, folder: Path = PACTS) -> None:
        self._examples = read_interactions(vendor, folder, _read_message)

    @property
    def descriptions(self) -> list[str]:
        """The descriptions of all messages."""
        return [example.description for example in self._examples]

    def matching(self, content: Any) -> list[str]:
        """Return the descriptions of the messages that a content is one of.

        It has every member of the message's example, and the values of those that have to be equal, such as its kind.
        """
        members, values = members_of(content), values_of({}, None, content)
        return [
            example.description
            for example in self._examples
            if example.members <= members
            and all(values[path] == expected for path, expected in example.values.items())
        ]


def _read_message(interaction: dict[str, Any]) -> Example | None:
    if "contents" not in interaction:
        return None
    content = interaction["contents"]["content"]
    rules = interaction.get("matchingRules", {}).get("body", {})
    fixed = paths_with(rules, equality=True)
    values = {path: items for path, items in values_of({}, None, content).items() if path in fixed}
    return Example(interaction["description"], members_of(content), values)
