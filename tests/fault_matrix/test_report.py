"""The heat map as an HTML page."""

from __future__ import annotations

import json
import re
from pathlib import Path

from fault_injection.report import render
from fault_injection.results import LEFT_OUT, Cell, Reaction, load_cells, save_cells


def cell(fault: str = "latency", row: str = "a room", **fields: object) -> Cell:
    """Return one case."""
    return {
        "matrix": "client",
        "section": "livekit",
        "row": row,
        "request": "POST /rooms",
        "fault": fault,
        "reaction": Reaction.UNAFFECTED,
        "problems": [],
        "facts": {"Attempts at": "0.000 s"},
        "log": [],
        **fields,
    }


def test_each_case_is_a_link_to_its_data() -> None:
    """A cell links to the case of the same number in the embedded JSON."""
    page = render(
        [cell("latency"), cell("timeout", reaction=Reaction.DEADLINE), cell("latency", "two rooms")]
    )

    numbers = [int(number) for number in re.findall(r'<td><a class="\w+" href="#case-(\d+)"', page)]
    data = re.search(r'id="cells">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    assert sorted(numbers) == [0, 1, 2]
    assert [item["fault"] for item in json.loads(data[1])] == ["latency", "timeout", "latency"]


def test_fault_that_does_not_apply_is_marked() -> None:
    """A row without a case has neither a link nor an empty cell there."""
    page = render([cell("latency"), cell("timeout", "two rooms")])

    assert page.count('aria-label="does not apply"') == 2


def test_case_that_was_left_out_is_told_from_a_fault_that_does_not_apply() -> None:
    """It has a mark of its own, is not counted as a case, and the legend says how to run it."""
    cells = [
        cell("latency"),
        cell("timeout", reaction=LEFT_OUT),
        cell("latency", "two rooms"),
        cell("slicer", "two rooms"),
    ]

    page = render(cells)

    assert page.count('aria-label="left out of this run"') == 1
    assert page.count('aria-label="does not apply"') == 2
    assert "1 rows" not in page
    assert "<p>3 cases: " in page
    assert "THOROUGH=1 runs it: 1" in page
    assert "THOROUGH" not in render(cells[:1])


def test_findings_are_listed_first() -> None:
    """A problem is part of the page's text, not only of the embedded data."""
    page = render([cell(problems=["the client leaked an error"], reaction=Reaction.FINDING)])

    assert "latency</a>: the client leaked an error" in page
    assert page.index("Findings") < page.index("<table>")


def test_matrix_that_did_not_run_is_named() -> None:
    """A page without its cases would otherwise look complete."""
    partial = render([cell()])
    complete = render([cell(), cell(matrix="flow")])

    assert "The flow matrix was NOT RUN" in partial
    assert ["NOT RUN" in page for page in (partial.replace("The flow matrix was NOT RUN", ""), complete)] == [
        False
    ] * 2


def test_page_loads_nothing_else() -> None:
    """Style, script and icon are part of the page."""
    page = render([cell()])

    assert re.findall(r'(?:src|href)="(?!#|data:|[$])[^"]*"', page) == []


def test_texts_are_escaped() -> None:
    """What a vendor or a log line contains is text, in the table and in the embedded data."""
    page = render([cell(row="</script><b>", log=["</script><b>"])])

    assert "</script><b>" not in page


def test_saved_cells_are_loaded_by_matrix(tmp_path: Path) -> None:
    """Cells of the other matrix are not mixed in."""
    save_cells("client", "livekit a room", [cell()], tmp_path)
    save_cells("flow", "a call", [cell("timeout")], tmp_path)

    assert [loaded["fault"] for loaded in load_cells("client", tmp_path)] == ["latency"]
