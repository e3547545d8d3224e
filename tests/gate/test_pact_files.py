"""A file that is not a pact of the orchestrator is rejected before a broker sees it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from consumer_tests.names import CONSUMER_NAME, vendor_names
from gate.errors import GateError
from gate.pact_files import load_pact_files, vendors_without_pact

PACT: dict[str, Any] = {
    "consumer": {"name": CONSUMER_NAME},
    "provider": {"name": "apaleo"},
    "interactions": [{"description": "a reservation"}],
}


def test_valid_pact_is_loaded(tmp_path: Path) -> None:
    """A pact's provider and the number of its interactions are known before it is published."""
    (tmp_path / "pact.json").write_text(json.dumps(PACT))

    (file,) = load_pact_files(tmp_path)

    assert (file.provider, file.interactions) == ("apaleo", 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "it should be a JSON object"),
        (json.dumps({}), "'consumer.name' should be the consumer's name"),
        (
            json.dumps({**PACT, "consumer": {"name": "somebody"}}),
            f"'consumer.name' is 'somebody', it should be '{CONSUMER_NAME}'",
        ),
        (
            json.dumps({**PACT, "provider": {"name": "nobody"}}),
            "'provider.name' is 'nobody', it should be one of",
        ),
        (json.dumps({**PACT, "provider": "apaleo"}), "'provider.name' should be the provider's name"),
        (json.dumps({**PACT, "interactions": []}), "'interactions' should be a list with at least one"),
        (json.dumps({**PACT, "interactions": {}}), "'interactions' should be a list with at least one"),
        (
            json.dumps({**PACT, "interactions": [{}]}),
            "every interaction should be an object with a 'description'",
        ),
    ],
)
def test_invalid_file_is_rejected_by_name(tmp_path: Path, content: str, message: str) -> None:
    """The message names the file, the field and what would be right; the hint names the command to run."""
    path = tmp_path / "broken.json"
    path.write_text(content)

    with pytest.raises(GateError) as caught:
        load_pact_files(tmp_path)

    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert "make pact-consumer" in caught.value.hint


def test_binary_file_is_rejected(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are not JSON."""
    (tmp_path / "broken.json").write_bytes(b"\xff\xfe")

    with pytest.raises(GateError, match="is not JSON"):
        load_pact_files(tmp_path)


def test_folder_without_pacts_is_an_error(tmp_path: Path) -> None:
    """An empty folder is not a success."""
    with pytest.raises(GateError, match="there is no pact"):
        load_pact_files(tmp_path)


def test_apaleo_is_a_vendor() -> None:
    """The vendor in these tests is one of the project's."""
    assert "apaleo" in vendor_names()


def test_vendor_without_pact_file_is_still_required(tmp_path: Path) -> None:
    """The required vendors come from the expectations, not from the files."""
    (tmp_path / "pact.json").write_text(json.dumps(PACT))

    missing = vendors_without_pact(load_pact_files(tmp_path))

    assert missing == [vendor for vendor in vendor_names() if vendor != "apaleo"]
