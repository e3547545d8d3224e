"""Text from the PMS is sanitized in bounded time."""

from __future__ import annotations

import time

import pytest

from orchestrator.pms.sanitize import MAX_INPUT_CHARACTERS, MAX_TEXT_LENGTH, sanitize_text

SHORT_CHARACTERS, LONG_CHARACTERS = 10_000, 1_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada Muster", "Ada Muster"),
        ("  Ada\r\n\tMuster ", "Ada Muster"),
        ("A\u0308 \u202eb\0c", "\u00c4 b c"),
        ("<b>Ada</b>", "Ada"),
        ("<scr<b>ipt>Ada", "Ada"),
        ("a<b<c>d>e<f>g", "aeg"),
        ("1 < 2", "1 2"),
        ("2 > 1", "2 1"),
        ("a<<b>", "a"),
        ("a>b<c", "abc"),
        ("x" * 300, "x" * MAX_TEXT_LENGTH),
        ("<b>" * 100 + "Ada", "Ada"),
        (" " * MAX_INPUT_CHARACTERS + "Ada", ""),
    ],
)
def test_text_is_sanitized(text: str, expected: str) -> None:
    """One line without markup and control characters, and of limited length."""
    assert sanitize_text(text) == expected


def sanitize_seconds(text: str) -> float:
    """Return the least processor time of three runs, which depends little on what else the machine does."""
    durations = []
    for _ in range(3):
        started = time.process_time()
        sanitize_text(text)
        durations.append(time.process_time() - started)
    return min(durations)


@pytest.mark.parametrize(
    "hostile", ["\u0316\u0300", "<", ">", "<>", "<a>", " ", "\0", "\u0300", "<b\u0316\u0300"]
)
def test_sanitizing_takes_no_more_than_linear_time(hostile: str) -> None:
    """A hundred times the text takes at most a hundred times the time, and a multiple of it for measuring errors."""
    short, long = (("a" + hostile * size)[:size] for size in (SHORT_CHARACTERS, LONG_CHARACTERS))

    assert sanitize_seconds(long) < 300 * sanitize_seconds(short)


def test_nested_tags_take_no_more_than_linear_time() -> None:
    """Each tag closes only after all tags inside of it."""
    short, long = ("<" * size + ">" * size for size in (SHORT_CHARACTERS // 2, LONG_CHARACTERS // 2))

    assert sanitize_seconds(long) < 300 * sanitize_seconds(short)
