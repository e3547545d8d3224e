"""Path templates: `{id}` is one segment of a path, `{+path}` any number of them, as in RFC 6570."""

from __future__ import annotations

import re
from functools import cache

PARAMETER_PATTERN = re.compile(r"\{(\+?\w+)\}")


@cache  # the vendors have more paths than the cache of `re` holds, and each application needs all of its vendor's
def compile_path(template: str) -> re.Pattern[str]:
    """Return the pattern of the paths of a template, with its parameters as groups."""
    parts = PARAMETER_PATTERN.split(template)
    pieces = [
        _parameter_pattern(part) if number % 2 else re.escape(part) for number, part in enumerate(parts)
    ]
    return re.compile("".join(pieces))


def operation_key(method: str, template: str) -> str:
    """Return method and path without parameter names: equal for the same operation of two documents."""
    return f"{method} {PARAMETER_PATTERN.sub('{}', template)}"


def _parameter_pattern(name: str) -> str:
    return f"(?P<{name[1:]}>.+)" if name.startswith("+") else f"(?P<{name}>[^/]+)"
