"""The file of the reviewed exceptions from usage exactness."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_usage.exceptions import InvalidExceptionsError, read_exceptions


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[unread.livekit]\n'A 200 $.x' = ''", r"'A 200 \$\.x' of livekit has no reason"),
        ("[unknown.livekit]\n'A' = 'why'", r"\[unknown\] is not one of"),
        ("[unread.livekit]\n'A' = 'why'\n'A' = 'why'", "Cannot overwrite a value"),
    ],
)
def test_invalid_exceptions(tmp_path: Path, text: str, message: str) -> None:
    """A missing reason, an unknown kind and a repeated entry are refused."""
    file = tmp_path / "exceptions.toml"
    file.write_text(text)

    with pytest.raises(InvalidExceptionsError, match=message):
        read_exceptions(file)


def test_exceptions_of_the_project() -> None:
    """The file in the package is valid."""
    assert read_exceptions().reasons
