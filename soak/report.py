"""The verdict of a soak as JSON and as a short text."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from soak.run import Options, Result

MAX_VIOLATIONS_SHOWN = 20


def write_report(folder: Path, options: Options, result: Result) -> str:
    """Write `report.json` and `summary.txt` into a folder; return the text."""
    report = {"passed": not result.violations, "options": asdict(options), **asdict(result)}
    (folder / "report.json").write_text(json.dumps(report, indent=2), encoding="utf-8")
    text = render_summary(options, result)
    (folder / "summary.txt").write_text(text, encoding="utf-8")
    return text


def render_summary(options: Options, result: Result) -> str:
    """Return the verdict, the figures, the first violations, and how to repeat the soak."""
    verdict = f"failed: {len(result.violations)} violations" if result.violations else "passed"
    lines = [f"Soak {verdict} (seed {options.seed})", ""]
    for name, value in result.figures.items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        lines += [f"  {name} {part}: {figure}".replace("_", " ").replace(" :", ":") for part, figure in parts]
    lines += ["", *result.violations[:MAX_VIOLATIONS_SHOWN]]
    hidden = len(result.violations) - MAX_VIOLATIONS_SHOWN
    lines += [f"and {hidden} more, see report.json"] if hidden > 0 else []
    lines.append(
        f"Repeat it: .venv/bin/python -m soak --minutes {options.minutes:g} --seed {options.seed}"
        f" --kill-rounds {options.kill_rounds} --memory-calls {options.memory_calls}"
    )
    return "\n".join(lines) + "\n"
