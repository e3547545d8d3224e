"""Nights, persons and times of day in what a guest says."""

from __future__ import annotations

import re
from datetime import time
from functools import lru_cache

from orchestrator.understanding.patterns import any_of, count_pattern, read_count
from orchestrator.understanding.vocabulary import VOCABULARIES, Vocabulary

MINUTES_PER_DAY = 24 * 60
HALF_DAY = 12


def find_nights(text: str, language: str) -> int | None:
    """Return the number of nights; a week is seven. None if no or more than one number is named."""
    vocabulary = VOCABULARIES[language]
    nights = {read_count(match["nights"], vocabulary) for match in _nights_pattern(language).finditer(text)}
    nights |= {
        7 * read_count(match["weeks"], vocabulary) for match in _weeks_pattern(language).finditer(text)
    }
    return nights.pop() if len(nights) == 1 else None


def find_persons(text: str, language: str) -> int | None:
    """Return the number of persons. None if no or more than one number is named."""
    vocabulary = VOCABULARIES[language]
    persons = {count for phrase, count in vocabulary.party_sizes.items() if re.search(rf"\b{phrase}\b", text)}
    persons |= {read_count(match["count"], vocabulary) for match in _persons_pattern(language).finditer(text)}
    return persons.pop() if len(persons) == 1 else None


def find_time(text: str, language: str) -> time | None:
    """Return the time of day. None if no or more than one time is named, or the time does not exist.

    An hour without "a.m." or "p.m." is one of the 24 hours of the day: "at 7" is 07:00.
    """
    vocabulary = VOCABULARIES[language]
    minutes = {_read_clock(match, vocabulary) for match in _clock_pattern(language).finditer(text)}
    minutes |= {vocabulary.named_times[match[0]] for match in _named_pattern(language).finditer(text)}
    if len(minutes) != 1 or (minute := minutes.pop()) is None:
        return None
    return time(minute // 60, minute % 60)


@lru_cache
def _nights_pattern(language: str) -> re.Pattern[str]:
    vocabulary = VOCABULARIES[language]
    return re.compile(rf"\b(?P<nights>{count_pattern(vocabulary)})\s+{any_of(vocabulary.nights)}\b")


@lru_cache
def _weeks_pattern(language: str) -> re.Pattern[str]:
    vocabulary = VOCABULARIES[language]
    # "in a week" is a day, "a week" a stay
    not_before = "".join(rf"(?<!\b{word} )" for word in vocabulary.in_words)
    return re.compile(rf"\b{not_before}(?P<weeks>{count_pattern(vocabulary)})\s+{any_of(vocabulary.weeks)}\b")


@lru_cache
def _persons_pattern(language: str) -> re.Pattern[str]:
    vocabulary = VOCABULARIES[language]
    count = count_pattern(vocabulary)
    # a bare number after "for" ends the phrase: "for two", but not "for two nights"
    bare = rf"(?<={vocabulary.for_words[0]}\s)(?P<bare>{count})(?=\s*(?:[,.!?]|$|please|bitte))"
    return re.compile(rf"\b(?P<count>{count}(?=\s+{any_of(vocabulary.persons)}\b)|{bare})")


@lru_cache
def _named_pattern(language: str) -> re.Pattern[str]:
    return re.compile(rf"\b{any_of(VOCABULARIES[language].named_times)}\b")


@lru_cache
def _clock_pattern(language: str) -> re.Pattern[str]:
    vocabulary = VOCABULARIES[language]
    hour = rf"(?:\d{{1,2}}|{any_of(vocabulary.numbers)})"
    half_day = rf"(?:\s*(?P<half_day>{any_of((*vocabulary.morning, *vocabulary.evening))})(?!\w))?"
    before = rf"(?:{any_of(vocabulary.half)}|{any_of(vocabulary.quarter)}|{hour}(?:\s+(?:minutes|minuten))?)"
    direction = rf"(?:{any_of(vocabulary.past)}|{any_of(vocabulary.to)})"
    ways = (
        rf"(?P<offset>{before})\s+(?P<direction>{direction})\s+(?P<offset_hour>{hour})",
        rf"(?P<half>{any_of(vocabulary.half)})\s+(?P<half_hour>{hour})",
        r"(?P<digital_hour>\d{1,2})(?::|\.)(?P<digital_minute>\d{2})(?!\.?\d)",
        rf"(?P<full_hour>{hour})\s*(?:{any_of(vocabulary.oclock)})(?:\s+(?P<full_minute>\d{{1,2}}))?",
        rf"(?<=\b)(?:{any_of(vocabulary.at_words)})\s+(?P<at_hour>{hour})(?!\s*{any_of(vocabulary.oclock)})(?=\s*(?:[,.!?]\s|[,!?]|$|[a-zäöü]|\.$))",
        rf"(?P<marked_hour>{hour})(?=\s*(?:{any_of((*vocabulary.morning, *vocabulary.evening))})(?!\w))",
    )
    return re.compile(rf"(?<![\w:.])(?:{'|'.join(ways)}){half_day}")


def _read_clock(match: re.Match[str], vocabulary: Vocabulary) -> int | None:
    """Return the minutes after midnight, or None if the time does not exist."""
    hour_text = next(
        match[name]
        for name in ("offset_hour", "half_hour", "digital_hour", "full_hour", "at_hour", "marked_hour")
        if match[name]
    )
    hour = _place_in_day(read_count(hour_text, vocabulary), match["half_day"], vocabulary)
    minute = int(match["digital_minute"] or match["full_minute"] or 0)
    if hour is None or minute > 59:
        return None
    return (hour * 60 + minute + _shift(match, vocabulary)) % MINUTES_PER_DAY


def _shift(match: re.Match[str], vocabulary: Vocabulary) -> int:
    """Return the minutes before or after the hour."""
    if match["half"]:
        return -30 if vocabulary.half_names_next_hour else 30
    if not match["offset"]:
        return 0
    offset = match["offset"]
    if offset in vocabulary.half:
        minutes = 30
    else:
        minutes = 15 if offset in vocabulary.quarter else read_count(offset.split()[0], vocabulary)
    return minutes if match["direction"] in vocabulary.past else -minutes


def _place_in_day(hour: int, half_day: str | None, vocabulary: Vocabulary) -> int | None:
    if half_day is None:
        return hour if hour < 24 else None
    # "14 Uhr nachmittags" is right, "14 pm" is not English
    if hour > HALF_DAY:
        return hour if half_day in vocabulary.evening and hour < 24 else None
    return hour % HALF_DAY + (HALF_DAY if half_day in vocabulary.evening else 0)
