"""Results of a run with everything that a report can show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from contract_usage.coverage import VendorCoverage
from suite_runner.results import CaseResult, Kind, Outcome, RunResult, SuiteResult, SuiteStatus

START = datetime(2027, 5, 1, 12, tzinfo=UTC)
LONG_TEXT = "response " + "a-word-without-any-space-" * 40
SECTIONS = (
    ("traceback", f"E   assert {LONG_TEXT} == 2"),
    (
        "requests to the orchestrator, latest last",
        "curl --globoff --request POST http://127.0.0.1:1/webhook/call-event",
    ),
    ("requests to vendors, latest last", "apaleo getReservation: GET /booking/v1/reservations/1, status 503"),
    ("log lines of these correlation ids", '{"event": "call.started", "correlation_id": "id-1"}'),
)


def failed_case(name: str, kind: Kind = Kind.ASSERTION, **fields: object) -> CaseResult:
    """Return a test that did not pass."""
    outcome = Outcome.FAILED if kind is Kind.ASSERTION else Outcome.ERROR
    values = {"duration": 3.25, "message": f"assert {LONG_TEXT}", "sections": SECTIONS, **fields}
    return CaseResult(f"tests/integration/test_call_flow_e2e.py::TestCall::{name}", outcome, kind, **values)  # type: ignore[arg-type] # fields of the class


def passed_case(name: str, **fields: object) -> CaseResult:
    """Return a passed test."""
    return CaseResult(f"tests/integration/test_auth_flow.py::TestLogin::{name}", Outcome.PASSED, **fields)  # type: ignore[arg-type] # fields of the class


def suite_of(name: str, *cases: CaseResult, **fields: object) -> SuiteResult:
    """Return a suite that took a minute."""
    bad = any(case.is_bad for case in cases)
    values: dict[str, object] = {
        "status": SuiteStatus.FAILED if bad else SuiteStatus.PASSED,
        "required": True,
        **fields,
    }
    return SuiteResult(
        name, timeout=300, start_time=START, end_time=START + timedelta(minutes=1), cases=cases, **values  # type: ignore[arg-type] # fields of the class
    )  # fmt: skip


def run_of(*suites: SuiteResult, **fields: object) -> RunResult:
    """Return a run that took 90 seconds."""
    return RunResult(START, START + timedelta(seconds=90), suites, **fields)  # type: ignore[arg-type] # fields of the class


FULL_RUN = run_of(
    suite_of(
        "call_flow",
        failed_case("test_greeting", markers=("critical",)),
        failed_case("test_slow[<b>&'x::y']", Kind.HANG),
        failed_case("test_unclean", Kind.CLEAN_UP),
        pact_coverage={"apaleo": VendorCoverage(["a", "b", "c", "d"], ["a", "b"])},
    ),
    suite_of(
        "auth_flow",
        passed_case("test_login", figures={"p95_ms": "12.5"}),
        pact_coverage={"apaleo": VendorCoverage(["a", "b", "c", "d"], ["b", "c"])},
    ),
    suite_of("resilience", status=SuiteStatus.ERROR, problems=(f"worker gw0 ended: {LONG_TEXT}",)),
    commit="0123456789abcdef" * 2,
)
