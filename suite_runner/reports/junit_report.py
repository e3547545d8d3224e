"""`integration_test_results.xml`: the result of a run in JUnit's format, one test suite for each suite."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from suite_runner.results import CaseResult, Outcome, RunResult, SuiteResult

FILE = "integration_test_results.xml"
RUN_NAME = "integration_tests"
_COUNTED = ("tests", "failures", "errors", "skipped")


def create_document(run: RunResult) -> bytes:
    """Return the document; what is not the result of one test is a test case without a class."""
    suites = [_suite(suite) for suite in run.suites]
    counts = {name: sum(int(suite.attrib[name]) for suite in suites) for name in _COUNTED}
    root = ET.Element("testsuites", name=RUN_NAME, time=f"{run.duration:.3f}")
    _set_counts(root, counts)
    root.extend(suites)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _suite(suite: SuiteResult) -> ET.Element:
    counts = {
        "tests": len(suite.cases) + len(suite.problems),
        "failures": suite.counts[Outcome.FAILED],
        "errors": suite.counts[Outcome.ERROR] + len(suite.problems),
        "skipped": suite.counts[Outcome.SKIPPED],
    }
    element = ET.Element("testsuite", name=suite.name, time=f"{suite.duration:.3f}")
    _set_counts(element, counts)
    if suite.start_time:
        element.set("timestamp", suite.start_time.isoformat())
    element.extend(_case(case) for case in suite.cases)
    for problem in suite.problems:
        case = ET.SubElement(
            element, "testcase", classname="", name=f"{suite.name}: the suite itself", time="0"
        )
        _add_text(case, "error", problem.partition("\n")[0], problem)
    return element


def _case(case: CaseResult) -> ET.Element:
    path, _, names = case.node_id.partition("[")[0].partition("::")
    classes = names.split("::")[:-1]
    class_name = ".".join([path.removesuffix(".py").replace("/", "."), *classes])
    element = ET.Element(
        "testcase", classname=class_name, name=case.name, file=path, time=f"{case.duration:.3f}"
    )
    text = "\n\n".join(f"{title}\n{content}" for title, content in case.sections)
    match case.outcome:
        case Outcome.FAILED:
            _add_text(element, "failure", case.message, text)
        case Outcome.ERROR:
            _add_text(element, "error", f"{case.kind}: {case.message}", text)
        case Outcome.SKIPPED:
            ET.SubElement(element, "skipped", message=case.message)
    return element


def _add_text(parent: ET.Element, tag: str, message: str, text: str) -> None:
    ET.SubElement(parent, tag, message=message).text = text


def _set_counts(element: ET.Element, counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        element.set(name, str(count))
