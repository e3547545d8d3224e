"""The vendors' SDKs, in both languages: each first step is answered as the vendor would."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from referencing import Registry
from referencing.jsonschema import DRAFT7

from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from provider_verification.stubs.recording.har import HarRecorder
from provider_verification.stubs.recording.recorder import RecordedApp
from tests.external_tools import require_program
from tests.stubs.sdk_table import (
    JAVASCRIPT,
    CallResult,
    furnished_stubs,
    javascript_results,
    missing_for_javascript,
    render_table,
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def javascript() -> None:
    """The SDKs for JavaScript, without which CI fails and another machine says so."""
    missing = missing_for_javascript()
    if missing and "CI" in os.environ:
        pytest.fail(missing)
    if missing:
        pytest.skip(f"NOT RUN: {missing}")


def assert_every_call_is_answered(results: list[CallResult]) -> None:
    """Assert that no call is answered wrongly, or with 501."""
    assert [str(result) for result in results if result.outcome != "answered"] == []


def test_python_sdks() -> None:
    """No call raises, is accused, or gets a response that the stub's schemas do not allow."""
    # importing the SDKs takes a second, which every worker would spend while it collects
    from tests.stubs.sdk_calls import python_results  # noqa: PLC0415

    require_program("openssl", "openssl")
    with furnished_stubs() as urls:
        results = python_results(urls)

    assert_every_call_is_answered(results)
    assert len(results) >= 65


@pytest.mark.usefixtures("javascript")
def test_javascript_sdks() -> None:
    """The same in Node.js."""
    with furnished_stubs() as urls:
        results = javascript_results(urls)

    assert_every_call_is_answered(results)
    assert len(results) >= 35


@pytest.mark.usefixtures("javascript")
def test_recording_is_a_valid_archive(tmp_path: Path) -> None:
    """By the JSON schemas of HAR 1.2 that HTTP tools for JavaScript use."""
    # its import builds the parser of a grammar for two seconds
    from jsonschema import Draft7Validator  # noqa: PLC0415

    path = tmp_path / "traffic.har"
    with HarRecorder(path) as archive:
        app = create_stub_app("tts")
        with run_apps([app], wrap=lambda served: RecordedApp(served, archive)) as servers:
            url, key = servers.urls["tts"], {"xi-api-key": "stub-tts-key"}
            httpx.get(f"{url}/v2/voices?page_size=2", headers=key)
            httpx.post(f"{url}/v1/text-to-speech/porter", headers=key, json={"text": "Good evening."})
            httpx.post(f"{url}/v1/text-to-speech/porter", headers=key, content=b"\xff\xfe")
            httpx.delete(f"{url}/v1/nothing")
    schemas = {
        file.name: json.loads(file.read_text(encoding="utf-8"))
        for file in (JAVASCRIPT / "node_modules/har-schema/lib").glob("*.json")
    }
    registry: Registry[Any] = Registry().with_resources(
        (name, DRAFT7.create_resource(schema)) for name, schema in schemas.items()
    )

    document = json.loads(path.read_text(encoding="utf-8"))

    # imported here, because the import takes each worker two seconds

    errors = [
        error.message
        for error in Draft7Validator(schemas["har.json"], registry=registry).iter_errors(document)
    ]
    assert errors == []
    assert len(document["log"]["entries"]) == 4


def test_table_has_a_row_for_each_sdk() -> None:
    """The command prints it."""
    accused = [{"rule": "type", "kind": "rejected"}]
    not_modelled = [{"rule": "operation", "kind": "not_modelled"}]
    results = [
        CallResult("a", "one", "", [200], [], []),
        CallResult("a", "two", "Error", [400], accused, []),
        CallResult("a", "three", "", [200], [], [{"operation": "x"}]),
        CallResult("b", "one", "Error", [501], not_modelled, []),
        CallResult("b", "two", "", [], [], []),
    ]

    assert render_table(results).splitlines()[2:] == ["| a | 1 | 2 | 0 |", "| b | 0 | 1 | 1 |"]
