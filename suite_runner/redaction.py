"""Removes secrets and personal data from what reports show, with the rules of the service's own logs."""

from __future__ import annotations

import re

from orchestrator.observability.redaction import REDACTED, SENSITIVE_FIELD_NAMES, redact_text

MAX_LINES = 400
"""Lines of one section of a report."""
MAX_LINE_CHARACTERS = 4000
_NAMES = "|".join(name.replace("_", "[_-]") for name in sorted(SENSITIVE_FIELD_NAMES))
_FIELD = re.compile(
    rf"""(?ix)(?P<name>(?P<quote>['"])(?:{_NAMES}|[\w-]*(?:password|secret|token|api[_-]?key))(?P=quote)\s*:\s*)"""
    r"""(?:"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')"""
)
"""A field of a JSON document or of a Python mapping whose value is personal or secret."""
_ASSIGNMENT = re.compile(r"(?i)\b((?:\w*_)?(?:password|secret|token|api_key)\s?=\s?['\"]?)[^\s&'\"]+")
_SHELL_VARIABLE = re.compile(r"""^["']*\$[A-Z_]+""")
_NODE_ID = re.compile(r"[\w./-]+\.py(?:::\w+)+")
_CONTROL = re.compile(r"\x1b\[[0-9;]*m|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def redact(text: str, max_lines: int = MAX_LINES) -> str:
    """Return a text without secrets, personal data, terminal styles and control characters.

    Of a text with more than `max_lines` lines, the first and the last half of that number are kept.
    """
    lines = _CONTROL.sub("", text).splitlines()
    if len(lines) > max_lines:
        half = max_lines // 2
        lines = [*lines[:half], f"… {len(lines) - 2 * half} lines left out …", *lines[-half:]]
    return "\n".join(map(_redact_line, lines))


def _redact_line(line: str) -> str:
    if len(line) > MAX_LINE_CHARACTERS:
        line = f"{line[:MAX_LINE_CHARACTERS]}…"
    line = _ASSIGNMENT.sub(rf"\1{REDACTED}", _FIELD.sub(_redact_field, line))
    parts, end = [], 0
    # names of tests are long words with digits, which look like passports and tokens
    for match in _NODE_ID.finditer(line):
        parts += [redact_text(line[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*parts, redact_text(line[end:])])


def _redact_field(match: re.Match[str]) -> str:
    value = match[0][len(match["name"]) :]
    # the commands of failed requests name a variable instead of the secret
    return match[0] if _SHELL_VARIABLE.match(value) else f'{match["name"]}"{REDACTED}"'
