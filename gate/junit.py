"""pytest's JUnit report: which tests of the suites passed, and why the others failed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

SECTION_HEADER = re.compile(r"-{3,} (?P<title>.+) -{3,}")
VENDOR_SECTION = "errors of vendors"
"""The section that the suites add to a failed test (tests/integration/failure_report.py)."""
MAX_LINES = 6
"""Lines shown of an assertion, and of the vendor errors."""


@dataclass(frozen=True, slots=True)
class FailedTest:
    """A failed test.

    Attributes:
        node_id: what `pytest` takes to run it again.
        assertion: the lines of the assertion or error.
        vendor_errors: the lines of its section "errors of vendors".
    """

    node_id: str
    assertion: tuple[str, ...]
    vendor_errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SuiteReport:
    """The tests of a folder: how many passed, by file name, and those that failed."""

    passed: dict[str, int]
    failed: tuple[FailedTest, ...]


def read_report(report: Path, folder: Path) -> SuiteReport:
    """Read the results of a folder's tests; the report may hold others as well.

    Raises:
        xml.etree.ElementTree.ParseError: if the report is not complete.
    """
    passed: Counter[str] = Counter()
    failed = []
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it
        file, names = _location(case, folder)
        if file is None:
            continue
        errors = [*case.iter("failure"), *case.iter("error")]
        if errors:
            node_id = "::".join([file.as_posix(), *names])
            failed.append(_failed_test(node_id, errors, case))
        elif case.find("skipped") is None:
            passed[file.stem] += 1
    return SuiteReport(dict(passed), tuple(failed))


def _location(case: ET.Element, folder: Path) -> tuple[Path | None, list[str]]:
    """Return a test's file, if it is in the folder, and the names of its classes and itself.

    pytest joins file and classes with dots. A file that cannot be collected has its dotted path as a name.
    """
    class_name, name = case.get("classname", ""), case.get("name", "")
    parts = (class_name or name).split(".")
    for length in range(len(parts), 0, -1):
        file = Path("/".join(parts[:length]) + ".py")
        if file.is_relative_to(folder) and file.is_file():
            return file, [*parts[length:], name] if class_name else []
    return None, []


def _failed_test(node_id: str, errors: list[ET.Element], case: ET.Element) -> FailedTest:
    texts = [error.text or error.get("message") or "" for error in errors]
    lines = [line for text in texts for line in text.splitlines()]
    assertion = [line.removeprefix("E").strip() for line in lines if line.startswith("E  ")]
    output = [
        line
        for section in case
        if section.tag.startswith("system-")
        for line in (section.text or "").splitlines()
    ]
    own = assertion or [error.get("message") or "" for error in errors]
    vendor_errors = dict.fromkeys(_vendor_section([*lines, *output]))
    return FailedTest(node_id, tuple(own[:MAX_LINES]), tuple(vendor_errors)[:MAX_LINES])


def _vendor_section(lines: list[str]) -> Iterator[str]:
    is_in_section = False
    for line in lines:
        header = SECTION_HEADER.fullmatch(line.strip())
        if header:
            is_in_section = header["title"] == VENDOR_SECTION
        elif is_in_section and line.strip():
            yield line.strip()
