"""`python -m provider_verification.conformance`: are our schemas true to the vendors' own specs? `fetch` gets those."""

from __future__ import annotations

import hashlib
from pathlib import Path

import httpx
import typer
from rich.console import Console
from rich.markup import escape

from provider_verification.conformance import deviations
from provider_verification.conformance.check import as_json, check_vendor, deviation_key, vendor_names
from provider_verification.conformance.errors import SpecError
from provider_verification.conformance.specs import FETCHED_SPECS_FOLDER, PinnedSpec, load_lock

REPORT = Path("build/conformance.json")
FETCH_TIMEOUT = 60.0
MAX_SPEC_BYTES = 50 * 1024 * 1024

app = typer.Typer(add_completion=False, help="Schemas held against the vendors' own specs.")
console = Console(highlight=False)


@app.command("check")
def run() -> None:
    """Hold every vendor's schemas against its spec; exit 1 if a claim is not allowed there, 2 if it cannot be checked."""
    used: set[str] = set()
    try:
        allowed = deviations.load_deviations().specs
        found = [check_vendor(vendor, allowed, used) for vendor in vendor_names()]
    except SpecError as error:
        console.print(f"[red]✗[/red] {escape(str(error))}")
        raise typer.Exit(2) from None
    for one in found:
        mark = "[red]✗[/red]" if one.findings else "[green]✓[/green]"
        source = f"{one.operations} operations" if one.operations else "no spec of the vendor is pinned"
        console.print(f"{mark} {one.vendor}: {source}, {len(one.findings)} findings, {one.excused} excused")
        for finding in one.findings:
            console.print(f"    {escape(deviation_key(finding))}: {escape(finding.message)}", soft_wrap=True)
    stale = sorted(allowed - used)
    for pattern in stale:
        console.print(
            f"[red]✗[/red] {deviations.DEVIATIONS_FILE.name}: '{escape(pattern)}' excuses nothing any more: remove it"
        )
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(as_json(found), encoding="utf-8")
    if stale or any(one.findings for one in found):
        raise typer.Exit(1)


@app.command("fetch")
def fetch() -> None:
    """Fetch the specs that vendors serve into build/vendor-specs/, if they are still those we pinned."""
    missing = False
    for pin in load_lock():
        if pin.address is None:
            console.print(
                f"[yellow]?[/yellow] {pin.path}: it is served nowhere; put it into {FETCHED_SPECS_FOLDER}/ by hand"
            )
            missing = True
            continue
        problem = _fetch(pin, pin.address)
        missing |= problem is not None
        console.print(
            f"[red]✗[/red] {pin.path}: {escape(problem)}" if problem else f"[green]✓[/green] {pin.path}"
        )
    if missing:
        raise typer.Exit(1)


def _fetch(pin: PinnedSpec, address: str) -> str | None:
    """What went wrong, if anything did."""
    content = bytearray()
    try:
        with httpx.stream("GET", address, timeout=FETCH_TIMEOUT, follow_redirects=True) as answer:
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > MAX_SPEC_BYTES:
                    return f"it is longer than {MAX_SPEC_BYTES} bytes"
    except httpx.HTTPError as error:
        return f"{address} cannot be fetched: {error}"
    actual = hashlib.sha256(content).hexdigest()
    if actual != pin.sha256:
        return f"the vendor's spec has changed: its sha256 is {actual}. Look at it, then pin it in vendor-specs.lock"
    target = FETCHED_SPECS_FOLDER / pin.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return None


if __name__ == "__main__":
    app()
