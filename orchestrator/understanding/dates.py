"""Dates in what a guest says."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from dateutil.relativedelta import relativedelta, weekday

from orchestrator.understanding.patterns import any_of, count_pattern, read_count
from orchestrator.understanding.vocabulary import VOCABULARIES, Vocabulary

YEARS_AHEAD = 8
"""A date without a year is the next one of this day and month; 29 February is at most eight years away."""
_YEAR = r"(?:,?\s*(?P<{0}>20\d\d))?"


def find_dates(text: str, language: str, today: date, after: date | None = None) -> list[date] | None:
    """Return the dates in a text in their order, or None if one of them does not exist or can be read in two ways.

    A date after the year 9999 does not exist.

    A weekday, or a date without a year, is the next one: on or after today, and after the date before it in the text.
    `next Friday` is after today.

    Args:
        text: what the guest says, in lower case.
        language: a key of `VOCABULARIES`.
        today: the date on which it is said.
        after: a date before the first one in the text.
    """
    vocabulary = VOCABULARIES[language]
    for phrase in vocabulary.not_a_day:
        text = text.replace(phrase, " ")
    dates: list[date] = []
    for match in _date_pattern(language).finditer(text):
        try:
            named = _read_match(match, vocabulary, today, dates[-1] if dates else after)
        # ValueError: relativedelta's way to say that there is no such date
        except (OverflowError, ValueError):
            return None
        if not named:
            return None
        dates.extend(named)
    return dates


def _read_match(
    match: re.Match[str], vocabulary: Vocabulary, today: date, previous: date | None
) -> list[date]:
    earliest = previous + timedelta(days=1) if previous else today
    return _read_range(match, vocabulary, earliest) or _read_date(match, vocabulary, today, earliest)


@lru_cache
def _date_pattern(language: str) -> re.Pattern[str]:
    """Return the pattern of all ways to name a date; the group that matched says which way it is."""
    vocabulary = VOCABULARIES[language]
    month = any_of(vocabulary.months)
    ordinal = any_of(vocabulary.ordinals)
    link = rf"(?:\s+{any_of(vocabulary.month_links)})?" if vocabulary.month_links else ""
    day = rf"(?:\d{{1,2}}(?:st|nd|rd|th|\.)?|{ordinal})"
    ways = (
        r"(?P<iso>\d{4}-\d{2}-\d{2})",
        # a day without its month is a date only before another day: "from the 3rd to 5 June", "vom 3. bis 5. Juni"
        (
            rf"(?P<first_day>{day})\s*(?:{any_of(vocabulary.connectors)}|[-\u2013])\s+(?:the\s+)?(?P<last_day>{day}){link}\s+"
            rf"(?P<range_month>{month})\b\.?{_YEAR.format('range_year')}"
        ),
        rf"(?P<day>{day}){link}\s+(?P<month>{month})\b\.?{_YEAR.format('year')}",
        rf"(?P<us_month>{month})\s+(?:the\s+)?(?P<us_day>{day})(?!\w|:){_YEAR.format('us_year')}",
        r"(?P<dotted_day>\d{1,2})\.\s?(?P<dotted_month>\d{1,2})\.(?:\s?(?P<dotted_year>20\d\d|\d\d)(?!\d))?",
        r"(?P<slashed>\d{1,2}/\d{1,2}(?:/(?:20)?\d\d)?)",
        rf"(?:{any_of(vocabulary.in_words)})\s+(?P<days>{count_pattern(vocabulary)})\s+{any_of(vocabulary.day_units)}",
        rf"(?:{any_of(vocabulary.in_words)})\s+(?P<weeks>{count_pattern(vocabulary)})\s+{any_of(vocabulary.weeks)}",
        rf"(?P<relative>{any_of(vocabulary.days)})",
        rf"(?:(?P<next>{any_of(vocabulary.next_words)})\s+)?(?P<weekday>{any_of(vocabulary.weekdays)})",
    )
    return re.compile(rf"(?<![\w/.:-])(?:{'|'.join(ways)})(?![\w/])")


def _read_range(match: re.Match[str], vocabulary: Vocabulary, earliest: date) -> list[date]:
    if not match["first_day"]:
        return []
    month, year = vocabulary.months[match["range_month"]], match["range_year"]
    first = _next_date(_day(match["first_day"], vocabulary), month, year, earliest)
    last = first and _next_date(_day(match["last_day"], vocabulary), month, year, first)
    return [first, last] if first and last else []


def _read_date(match: re.Match[str], vocabulary: Vocabulary, today: date, earliest: date) -> list[date]:
    result: date | None = None
    if match["iso"]:
        result = _parse_iso(match["iso"])
    elif match["month"]:
        result = _next_date(
            _day(match["day"], vocabulary), vocabulary.months[match["month"]], match["year"], earliest
        )
    elif match["us_month"]:
        day = _day(match["us_day"], vocabulary)
        result = _next_date(day, vocabulary.months[match["us_month"]], match["us_year"], earliest)
    elif match["dotted_day"]:
        day, month = int(match["dotted_day"]), int(match["dotted_month"])
        result = _next_date(day, month, match["dotted_year"], earliest)
    elif match["slashed"]:
        result = _read_slashed(match["slashed"], earliest)
    elif match["days"]:
        result = today + timedelta(days=read_count(match["days"], vocabulary))
    elif match["weeks"]:
        result = today + timedelta(weeks=read_count(match["weeks"], vocabulary))
    elif match["relative"]:
        result = today + timedelta(days=vocabulary.days[match["relative"]])
    elif match["weekday"]:
        start = max(earliest, today + timedelta(days=1)) if match["next"] else earliest
        result = start + relativedelta(weekday=weekday(vocabulary.weekdays[match["weekday"]])(+1))
    return [result] if result else []


def _day(text: str, vocabulary: Vocabulary) -> int:
    return vocabulary.ordinals.get(text) or int(re.sub(r"\D", "", text))


def _parse_iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _read_slashed(text: str, earliest: date) -> date | None:
    """Return the date if it can be read in one way only: `25/12` and `12/25`, but not `3/6`."""
    first, second, *year = text.split("/")
    readings = {
        reading
        for day, month in ((int(first), int(second)), (int(second), int(first)))
        if (reading := _next_date(day, month, year[0] if year else None, earliest))
    }
    return readings.pop() if len(readings) == 1 else None


def _next_date(day: int, month: int, year: str | None, earliest: date) -> date | None:
    """Return the date in the year, otherwise the next one, or None if it does not exist."""
    if year:
        return _date_or_none(int(year) if len(year) == 4 else 2000 + int(year), month, day)
    candidates = (_date_or_none(earliest.year + years, month, day) for years in range(YEARS_AHEAD + 1))
    return next((candidate for candidate in candidates if candidate and candidate >= earliest), None)


def _date_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
