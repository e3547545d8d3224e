"""The heat map as a user sees it: in a wide window and on a phone, light and dark, with the keyboard."""

from __future__ import annotations

import re
from itertools import cycle
from pathlib import Path

import pytest

from fault_injection.catalogue import FAULTS
from fault_injection.report import REACTIONS, render
from fault_injection.results import Cell, Reaction
from tests.browser import Page
from tests.thoroughness import choose, sample

MIN_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: the contrast of text of normal size."""
ROWS = ("a reservation", "a reservation with a long name that says what it is about", "no reservation")
TEXTS = (Path(__file__).parent / "visible_texts.js").read_text(encoding="utf-8")
WINDOWS = ((1200, "light"), (390, "dark"), (390, "light"), (1200, "dark"))
"""Width and colour scheme; the first two have each of both."""
CELLS = "[...document.querySelectorAll('td a')]"


def small_results() -> list[Cell]:
    """Return a table of every fault and every reaction, and one that has gaps."""
    reactions = cycle(Reaction)
    cells = [_cell("apaleo", row, fault.name, next(reactions)) for row in ROWS for fault in FAULTS]
    cells += [_cell("tts", row, FAULTS[index].name, Reaction.FAILED) for index, row in enumerate(ROWS)]
    return [*cells, _cell("tts", ROWS[0], FAULTS[2].name, Reaction.RECOVERED)]


def _cell(section: str, row: str, fault: str, reaction: Reaction) -> Cell:
    return {
        "matrix": "client",
        "section": section,
        "row": row,
        "request": f"GET /{section}/{'x' * 60}",
        "fault": fault,
        "reaction": reaction,
        "problems": ["the caller waits 90 s"] if reaction is Reaction.FINDING else [],
        "facts": {"Correlation id": f"{section}/{row}/{fault}"},
        "log": [{"event": "vendor_request_failed", "url": "x" * 300}, f"a line about {fault}"],
    }


@pytest.fixture(
    params=WINDOWS[: choose(2, 4)],
    ids=lambda param: f"{param[0]}-{param[1]}",
)
def heat_map(browser: Page, tmp_path: Path, request: pytest.FixtureRequest) -> Page:
    """The page in a window of one width, with one colour scheme."""
    path = tmp_path / "index.html"
    path.write_text(render(small_results()), encoding="utf-8")
    width, color_scheme = request.param
    browser.open(path, width, color_scheme)
    return browser


def test_page_is_not_wider_than_the_window(heat_map: Page) -> None:
    """Only the tables scroll sideways, each in its frame; an open case has lines that are longer than the window."""
    assert _overflow(heat_map) <= 0

    heat_map.evaluate(f"{CELLS}[0].click()")
    heat_map.wait_for("document.querySelector('dialog').open")

    assert _overflow(heat_map) <= 0
    assert heat_map.evaluate("(d => d.scrollWidth - d.clientWidth)(document.querySelector('dialog'))") <= 0


def _overflow(page: Page) -> int:
    pixels: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return pixels


def test_every_text_is_readable(heat_map: Page) -> None:
    """The contrast of each text, in the tables and in a case, is that of WCAG AA, by the computed colours."""
    heat_map.evaluate("document.querySelector('details').open = true")
    on_page = heat_map.evaluate(TEXTS)
    heat_map.evaluate(f"{CELLS}.find(a => a.className === 'finding').click()")
    heat_map.wait_for("document.querySelector('dialog').open")
    in_case = heat_map.evaluate(TEXTS)

    assert {text["class"] for text in on_page} >= set(REACTIONS)
    assert "problems" in {text["class"] for text in in_case}
    unreadable = [text for text in [*on_page, *in_case] if text["contrast"] < MIN_CONTRAST]
    assert unreadable == []


def test_keyboard_reaches_every_cell(heat_map: Page) -> None:
    """Tab stops at one cell of each table, from which the arrow keys lead to all others, and none is covered."""
    stops = _tab_stops(heat_map)
    reached = heat_map.evaluate(f"({REACHED_WITH_ARROW_KEYS})({stops})")

    assert len(stops) == 2
    assert sorted(reached["cells"]) == sorted(range(len(small_results())))
    assert reached["covered"] == []


REACHED_WITH_ARROW_KEYS = """stops => {
  const number = (link) => Number(link.hash.slice("#case-".length));
  const links = new Map([...document.querySelectorAll("td a")].map((link) => [number(link), link]));
  const cells = new Set(stops), covered = [];
  for (const cell of cells) {
    for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]) {
      links.get(cell).focus();
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      const box = document.activeElement.getBoundingClientRect();
      const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      if (top !== document.activeElement) covered.push([cell, key, top?.outerHTML]);
      cells.add(number(document.activeElement));
    }
  }
  return { cells: [...cells], covered };
}"""


def _tab_stops(page: Page) -> list[int]:
    """Return the numbers of the cells at which the Tab key stops, once around the page."""
    stops: list[int] = []
    page.press("Tab")
    while (focused := page.evaluate(FIRST_VISIT)) is not None:
        stops += [int(number) for number in re.findall(r"#case-(\d+)", focused)]
        page.press("Tab")
    return stops


FIRST_VISIT = """(element => {
  if (element === document.body || element.dataset.visited) return null;
  element.dataset.visited = "yes";
  return element.matches("td a") ? element.hash : "";
})(document.activeElement)"""


@pytest.mark.parametrize("heat_map", sample(WINDOWS, 1), indirect=True, ids=str)
def test_link_of_every_cell_opens_what_happened(heat_map: Page) -> None:
    """A case shows interaction, fault, reaction, request, facts and log lines of the cell that was opened."""
    cells = small_results()

    opened = heat_map.evaluate(f"({OPENED})()")

    for case, cell in zip(opened, cells, strict=True):
        assert case["title"] == f"{cell['row']}: {cell['fault']}"
        expected = [*cell["problems"], REACTIONS[cell["reaction"]].label, cell["request"]]
        expected += [*cell["facts"].values(), cell["log"][0]["event"], cell["log"][1]]
        assert [text for text in expected if text not in case["text"]] == []


OPENED = """async () => {
  const links = [...document.querySelectorAll("td a")];
  links.sort((a, b) => a.hash.slice("#case-".length) - b.hash.slice("#case-".length));
  const cases = [];
  for (const link of links) {
    if (!link.hash) throw new Error(`not a link: ${link.outerHTML}`);
    const shown = new Promise((resolve) => addEventListener("hashchange", resolve, { once: true }));
    link.click();
    await shown;
    const dialog = document.querySelector("dialog[open]");
    cases.push({ title: dialog.querySelector("h2").textContent, text: dialog.textContent });
  }
  return cases;
}"""


def test_case_opens_and_closes_with_the_keyboard(heat_map: Page) -> None:
    """Enter opens the cell that has the focus, Escape closes the case, and the focus is back at the cell."""
    heat_map.press("Tab")
    while (focused := heat_map.evaluate(FIRST_VISIT)) == "":
        heat_map.press("Tab")
    assert focused == "#case-0"
    heat_map.press("ArrowRight")
    heat_map.press("ArrowDown")
    heat_map.press("Enter")
    heat_map.wait_for("document.querySelector('dialog').open")
    title = heat_map.evaluate("document.querySelector('dialog h2').textContent")
    heat_map.press("Escape")
    heat_map.wait_for("!document.querySelector('dialog').open")

    assert title == f"{ROWS[1]}: {FAULTS[1].name}"
    heat_map.wait_for(f"document.activeElement.hash === '#case-{len(FAULTS) + 1}'")
