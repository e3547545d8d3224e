"""The page of a run as a user sees it: in a wide window and on a phone, light and dark, with the keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_strength.mutant import Mutant, Result
from contract_strength.page import render
from contract_strength.results_file import FATES, Strength
from contract_strength.survivors import SurvivorRule, review
from tests.browser import Page
from tests.thoroughness import choose

MIN_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: the contrast of text of normal size."""
TEXTS = (Path(__file__).parents[1] / "fault_matrix" / "visible_texts.js").read_text(encoding="utf-8")
CELLS = "[...document.querySelectorAll('td a')]"
ONE_WINDOW = pytest.mark.parametrize("page", [(1200, "light")], indirect=True, ids=["1200-light"])
"""For what is the same in every window."""
KINDS = [f"kind number {number}" for number in range(24)]


def small_run() -> Strength:
    """Return a run with every fate, two tables, and texts that are longer than a window."""
    results = [
        Result(
            Mutant("response", "tts", f"the voices {row}", kind, f"$.{'x' * 80}", "1", "2" * 200),
            f"caught {kind}",
        )
        for row in range(3)
        for kind in KINDS
    ]
    results += [
        Result(Mutant("response", "tts", "the voices 0", "null", "$.a", "1", "null"), None),
        Result(Mutant("response", "tts", "the voices 1", "null", "$.b", "1", "null"), None),
        Result(
            Mutant("response", "tts", "the voices 2", "null", "$.c", "1", "null", is_demanded=False), None
        ),
        Result(
            Mutant("client", "tts", "client: <b>_send</b>", "path", "client.py:1", "</script>", "'b'"), "red"
        ),
        *[Result(Mutant("client", "tts", "client: long", "path", "client.py:2", "a", "b"), "red")] * 20,
    ]
    rule = SurvivorRule(
        side="response", vendor="tts", kinds=["null"], interactions=["the voices 1"], paths=["$.b"],
        reason="a reason that is listed",
    )  # fmt: skip
    stale = rule.model_copy(update={"kinds": ["null", "wrong type"], "interactions": ["the voices 1"]})
    return Strength(7, 2.0, results, review(results, [stale]))


@pytest.fixture(
    params=choose(
        [(1200, "light"), (390, "dark")], [(1200, "light"), (1200, "dark"), (390, "light"), (390, "dark")]
    ),
    ids=lambda param: f"{param[0]}-{param[1]}",
)
def page(browser: Page, tmp_path: Path, request: pytest.FixtureRequest) -> Page:
    """The page in a window of one width, with one colour scheme."""
    path = tmp_path / "index.html"
    path.write_text(render(small_run()), encoding="utf-8")
    width, color_scheme = request.param
    browser.open(path, width, color_scheme, is_mobile=width < 600)
    return browser


def test_page_is_not_wider_than_the_window(page: Page) -> None:
    """Only the tables scroll sideways, each in its frame; an open cell breaks its long lines."""
    overflow = "document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(overflow) <= 0

    page.evaluate(f"{CELLS}[0].click()")
    page.wait_for("document.querySelector('dialog').open")

    assert page.evaluate(overflow) <= 0
    assert page.evaluate("(d => d.scrollWidth - d.clientWidth)(document.querySelector('dialog'))") <= 0


def test_long_cell_is_shown_from_its_start(page: Page) -> None:
    """Although the focus is on the button at its end."""
    page.evaluate(f"{CELLS}.find(a => a.textContent === '20').click()")
    page.wait_for("document.querySelector('dialog').open")

    height, visible, top = page.evaluate(
        "(d => [d.scrollHeight, d.clientHeight, d.scrollTop])(document.querySelector('dialog'))"
    )

    assert (height > visible, top) == (True, 0)
    assert page.evaluate("document.activeElement.textContent") == "Close"


def test_legend_keeps_the_size_of_its_swatches(page: Page) -> None:
    """Also beside a text of two lines."""
    widths = "[...document.querySelectorAll('.swatch')].map(swatch => swatch.offsetWidth)"

    assert set(page.evaluate(widths)) == {24}


def test_every_text_is_readable(page: Page) -> None:
    """The contrast of each text, in the tables and in an open cell, is that of WCAG AA, by the computed colours."""
    texts = page.evaluate(TEXTS)
    for fate in FATES:
        page.evaluate(f"{CELLS}.find(a => a.className === '{fate}').click()")
        page.wait_for("document.querySelector('dialog').open")
        texts += page.evaluate(TEXTS)
        page.press("Escape")
        page.wait_for("!document.querySelector('dialog').open")

    assert {text["class"] for text in texts} >= set(FATES)
    assert [text for text in texts if text["contrast"] < MIN_CONTRAST] == []


@ONE_WINDOW
def test_cell_shows_its_mutants(page: Page) -> None:
    """Path, change, fate, and what caught it or why it may survive; text of the run is text."""
    shown = page.evaluate(
        f"""(async () => {{
          const texts = {{}};
          for (const link of {CELLS}) {{
            const changed = new Promise((resolve) => addEventListener("hashchange", resolve, {{ once: true }}));
            link.click();
            await changed;
            const dialog = document.querySelector("dialog[open]");
            texts[dialog.querySelector("h2").textContent + "|" + link.textContent] = dialog.textContent;
          }}
          return texts;
        }})()"""
    )

    assert len(shown) == 3 * len(KINDS) + 5
    assert "$.a- 1\n+ nulla finding" in shown["the voices 0: null|✗1"]
    assert "a reason that is listed" in shown["the voices 1: null|+1"]
    assert FATES["tolerated"] in shown["the voices 2: null|~1"]
    assert "caught kind number 3" in shown["the voices 2: kind number 3|1"]
    assert "- </script>\n+ 'b'" in shown["client: <b>_send</b>: path|1"]


@ONE_WINDOW
def test_findings_stand_above_the_tables(page: Page) -> None:
    """The survivor as a link to its cell, and the stale entry."""
    findings = page.evaluate(
        "[...document.querySelectorAll('#findings + ul li')].map(item => item.textContent)"
    )

    assert findings[0] == "response of tts, the voices 0, null"
    assert "kind 'wrong type'" in findings[1]
    page.evaluate("document.querySelector('#findings + ul a').click()")
    page.wait_for("document.querySelector('dialog').open")


def test_cell_opens_and_closes_with_the_keyboard(page: Page) -> None:
    """The arrow keys move, Enter opens, Escape closes, and the focus is back at the cell."""
    page.evaluate(f"{CELLS}[0].focus()")
    page.press("ArrowRight")
    page.press("ArrowDown")
    focused = page.evaluate("document.activeElement.hash")
    page.press("Enter")
    page.wait_for("document.querySelector('dialog').open")
    title = page.evaluate("document.querySelector('dialog h2').textContent")
    page.press("Escape")
    page.wait_for("!document.querySelector('dialog').open")

    assert title == f"the voices 1: {KINDS[1]}"
    page.wait_for(f"document.activeElement.hash === '{focused}'")


@ONE_WINDOW
def test_cell_opens_when_it_is_clicked_before_the_close_event_of_the_last_one(page: Page) -> None:
    """The event comes later than the dialog closes, and must not undo the click."""
    page.evaluate(f"{CELLS}[0].click()")
    page.wait_for("document.querySelector('dialog').open")

    page.evaluate(
        f"""new Promise((resolve) => {{
          const dialog = document.querySelector("dialog");
          dialog.addEventListener("close", resolve, {{ once: true }});
          dialog.close();
          {CELLS}[1].click();
        }}).then(() => null)"""
    )

    page.wait_for("document.querySelector('dialog').open")
    assert page.evaluate(f"location.hash === {CELLS}[1].hash") is True
    assert page.evaluate("document.querySelector('dialog h2').textContent") == f"the voices 0: {KINDS[1]}"
