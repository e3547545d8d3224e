"""Finds card and phone numbers in runs of digits."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import NamedTuple

MIN_PHONE_DIGITS = 7
CARD_DIGITS = range(13, 20)
_DOUBLED_DIGIT_SUMS = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

# Possessive, because backtracking over a long run would take quadratic time. Shorter runs than a phone number are left
# to the regular expression engine: a call of a Python function for each would dominate the cost of a text.
_DIGIT_RUN = re.compile(
    rf"(?<!\d)\+?\d(?:[\s_,.()/\-\u2010-\u2015\u00b7]{{0,3}}\d){{{MIN_PHONE_DIGITS - 1},}}+"
)
_DIGIT_GROUP = re.compile(r"\d+")
_CARD_ONLY_SEPARATOR = re.compile(r"[_,\n\r\v\f\u2028\u2029]")
"""Separators that occur in card numbers, but between other numbers too, such as the items of a list."""

_PHONE_SEPARATOR = re.compile(r"[\s(/]")


class _Group(NamedTuple):
    """Consecutive digits, and their position in the text."""

    digits: str
    start: int
    end: int


def redact_numbers(text: str, replacement: str) -> str:
    """Replace card and phone numbers in a text, however their digits are grouped."""
    return _DIGIT_RUN.sub(lambda match: _redact_run(match, replacement), text)


def _redact_run(match: re.Match[str], replacement: str) -> str:
    text, run_start, run_end = match.string, match.start(), match.end()
    groups = [
        _Group(group[0], group.start(), group.end())
        for group in _DIGIT_GROUP.finditer(text, run_start, run_end)
    ]
    redacted: list[str] = []
    position = run_start
    phone_spans = _phone_spans(text, groups)
    # the search for cards adds nothing if the whole run is redacted already
    if phone_spans != [(groups[0].start, run_end)]:
        phone_spans += _card_spans(groups)
    for start, end in _merge(phone_spans):
        # a plus sign belongs to the number behind it
        redacted += [text[position:start].removesuffix("+"), replacement]
        position = end
    return "".join([*redacted, text[position:run_end]])


def _phone_spans(text: str, groups: list[_Group]) -> list[tuple[int, int]]:
    """Return the spans of at least `MIN_PHONE_DIGITS` digits that are not part of an identifier."""
    spans = []
    first = 0
    for index in range(1, len(groups) + 1):
        if index < len(groups) and not _CARD_ONLY_SEPARATOR.search(
            text, groups[index - 1].end, groups[index].start
        ):
            continue
        start, end = groups[first].start, groups[index - 1].end
        digits = sum(len(group.digits) for group in groups[first:index])
        if digits >= MIN_PHONE_DIGITS and not _is_part_of_identifier(text, start, end):
            spans.append((start, end))
        first = index
    return spans


def _card_spans(groups: list[_Group]) -> list[tuple[int, int]]:
    """Return the spans of consecutive groups that form a card number: with a Luhn checksum, or four by four digits."""
    spans = []
    offsets = [0, *accumulate(len(group.digits) for group in groups)]
    luhn_sums = _luhn_prefix_sums("".join(group.digits for group in groups))
    first = 0
    for last, group in enumerate(groups):
        end = offsets[last + 1]
        # a window no longer than a card number keeps the search linear
        while end - offsets[first] >= CARD_DIGITS.stop:
            first += 1
        # Luhn doubles every second digit from the right, so the parity of the end decides which
        sums = luhn_sums[end % 2]
        for start in range(first, last + 1):
            if end - offsets[start] < CARD_DIGITS.start:
                break
            has_checksum = (sums[end] - sums[offsets[start]]) % 10 == 0
            if has_checksum or (last - start == 3 and _is_four_by_four(groups[start : last + 1])):
                spans.append((groups[start].start, group.end))
    return spans


def _luhn_prefix_sums(digits: str) -> tuple[list[int], list[int]]:
    """Return prefix sums for numbers that end at an even position, and for those that end at an odd one."""
    values = [int(digit) for digit in digits]
    doubled = [_DOUBLED_DIGIT_SUMS[value] for value in values]
    ends_even = [doubled[index] if index % 2 == 0 else value for index, value in enumerate(values)]
    ends_odd = [doubled[index] if index % 2 else value for index, value in enumerate(values)]
    return [0, *accumulate(ends_even)], [0, *accumulate(ends_odd)]


def _is_four_by_four(groups: list[_Group]) -> bool:
    return [len(group.digits) for group in groups] == [4, 4, 4, 4]


def _is_part_of_identifier(text: str, start: int, end: int) -> bool:
    """Return whether letters touch the digits, as in `item_1234567`, and no separator is typical of phone numbers."""
    neighbours = text[start - 1 : start] + text[end : end + 1]
    touches_word = any(character.isalpha() or character == "_" for character in neighbours)
    return touches_word and not _PHONE_SEPARATOR.search(text, start, end)


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
