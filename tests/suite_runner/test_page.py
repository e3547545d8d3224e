"""The HTML report in a browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from suite_runner.config import Thresholds
from suite_runner.gates import evaluate
from suite_runner.history import run_record
from suite_runner.reports.html_report import render
from tests.browser import Page
from tests.suite_runner.runs import FULL_RUN

pytestmark = pytest.mark.timeout(300)  # a browser, on a machine that may be busy
MAX_TABS = 80
MIN_DESKTOP_WIDTH = 500
SCREENS = pytest.mark.parametrize(
    ("width", "is_dark"),
    [
        pytest.param(1280, False, id="desktop"),
        pytest.param(390, True, id="phone dark"),
        pytest.param(1280, True, id="desktop dark", marks=pytest.mark.thorough),
        pytest.param(390, False, id="phone", marks=pytest.mark.thorough),
    ],
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with three failures and a history."""
    records: list[dict[str, Any]] = [
        run_record(FULL_RUN, status) for status in ("passed", "failed", "failed")
    ]
    records[0]["suites"]["call_flow"]["failed"] = []
    content = render(
        FULL_RUN,
        evaluate(FULL_RUN, Thresholds()),
        records,
        fault_matrix="fault_matrix.html",
        has_figures=True,
    )
    file: Path = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(content)
    return file


@SCREENS
def test_report_fits_the_screen(browser: Page, report: Path, width: int, is_dark: bool) -> None:  # noqa: FBT001 - of the table
    """Nothing is wider than the screen, opened or closed, and the colours are those that the reader prefers."""
    browser.open(report, width, "dark" if is_dark else "light", is_mobile=width < MIN_DESKTOP_WIDTH)

    overflows = [browser.evaluate("document.documentElement.scrollWidth - innerWidth")]
    browser.evaluate("document.querySelectorAll('details').forEach((item) => { item.open = true; })")
    overflows.append(browser.evaluate("document.documentElement.scrollWidth - innerWidth"))
    cut = browser.evaluate(
        "[...document.querySelectorAll('main *')].filter((item) => item.getBoundingClientRect().right > innerWidth + 1)"
        ".map((item) => item.outerHTML.slice(0, 100))"
    )
    red, green, blue = json.loads(
        browser.evaluate(
            "'[' + getComputedStyle(document.body).backgroundColor.replace(/[^0-9,]/g, '') + ']'"
        )
    )

    assert max(overflows) <= 0
    assert cut == []
    assert (red + green + blue < 150) is is_dark


def test_each_failure_is_reached_and_opened_by_keyboard(browser: Page, report: Path) -> None:
    """Tab moves to each failure, Enter opens it, and its evidence can be scrolled by keyboard."""
    browser.open(report, 1280, "light")
    browser.evaluate("document.querySelectorAll('details.failure').forEach((item) => { item.open = false; })")

    reached = []
    for _ in range(MAX_TABS):
        browser.press("Tab")
        failure = browser.evaluate(
            "document.activeElement.tagName === 'SUMMARY' && document.activeElement.parentElement.id || ''"
        )
        if failure.startswith("failure-") and failure not in reached:
            browser.press("Enter")
            reached.append(failure)
            assert browser.evaluate(f"document.getElementById('{failure}').open")
    unreachable = browser.evaluate(
        "[...document.querySelectorAll('details.failure pre')].filter((item) => item.tabIndex !== 0).length"
    )

    assert reached == ["failure-1", "failure-2", "failure-3"]
    assert unreachable == 0
