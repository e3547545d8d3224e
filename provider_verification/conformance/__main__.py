"""`python -m provider_verification.conformance check|index|fetch`: compare schemas/ with the vendors' own specs."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from provider_verification.conformance import deviations
from provider_verification.conformance.check import (
    ConformanceResult,
    check_vendor,
    deviation_key,
    render_json,
    vendor_names,
    write_index,
)
from provider_verification.conformance.errors import SpecError
from provider_verification.conformance.fetch import fetch_spec
from provider_verification.conformance.specs import FETCHED_SPECS_FOLDER, PinnedSpec, load_lock

REPORT = Path("build/conformance.json")
FAILED, PASSED, UNKNOWN = "[red]✗[/red]", "[green]✓[/green]", "[yellow]?[/yellow]"

app = typer.Typer(add_completion=False, help="Compare schemas/ with the vendors' own specs.")
console = Console(highlight=False, emoji=False, soft_wrap=True)


@app.command("check")
def check() -> None:
    """Check every vendor's schemas; exit 1 if a spec does not allow a claim, 2 if the check cannot be run."""
    used_patterns: set[str] = set()
    try:
        patterns = deviations.load_deviations().specs
        results = [check_vendor(vendor, patterns, used_patterns) for vendor in vendor_names()]
    except SpecError as error:
        console.print(f"{FAILED} {escape(str(error))}")
        raise typer.Exit(2) from None
    for result in results:
        _print_result(result)
    unused_patterns = sorted(patterns - used_patterns)
    for pattern in unused_patterns:
        console.print(
            f"{FAILED} {deviations.DEVIATIONS_FILE.name}: '{escape(pattern)}' matches no finding: remove it"
        )
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(render_json(results), encoding="utf-8")
    if unused_patterns or any(result.findings or result.index_differences for result in results):
        raise typer.Exit(1)


@app.command("index")
def index() -> None:
    """Write schemas/<vendor>/index.json, what each vendor has by name; exit 2 if a spec is missing."""
    try:
        files = [write_index(vendor) for vendor in vendor_names()]
    except SpecError as error:
        console.print(f"{FAILED} {escape(str(error))}")
        raise typer.Exit(2) from None
    for file in filter(None, files):
        console.print(f"{PASSED} {file.parent.name}/{file.name}")


@app.command("fetch")
def fetch() -> None:
    """Download the specs that vendors serve into build/vendor-specs/; exit 1 if a pinned one is missing."""
    is_fetched = [_fetch(pin) for pin in load_lock()]
    if not all(is_fetched):
        raise typer.Exit(1)


def _print_result(result: ConformanceResult) -> None:
    if not result.operations and not result.findings:
        console.print(f"{UNKNOWN} {result.vendor}: not compared, because no vendor spec is pinned")
        return
    mark = FAILED if result.findings or result.index_differences else PASSED
    scope = f"{result.operations} operations"
    console.print(
        f"{mark} {result.vendor}: {scope}, {len(result.findings)} findings, {result.excused} excused"
    )
    for finding in result.findings:
        console.print(f"    {escape(deviation_key(finding))}: {escape(finding.message)}", soft_wrap=True)
    for difference in result.index_differences:
        console.print(f"    index.json: {escape(difference)}; run 'make vendor-index' and review the change")


def _fetch(pin: PinnedSpec) -> bool:
    if pin.url is None:
        console.print(
            f"{UNKNOWN} {pin.path}: the vendor does not serve it; copy it to {FETCHED_SPECS_FOLDER}/ by hand"
        )
        return False
    try:
        fetch_spec(pin, pin.url)
    except SpecError as error:
        console.print(f"{FAILED} {pin.path}: {escape(str(error))}")
        return False
    console.print(f"{PASSED} {pin.path}")
    return True


if __name__ == "__main__":
    app()
