"""The words of each language that the grammar recognizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_EN_TEENS = (
    "eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_EN_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth"
_EN_NUMBERS = "one two three four five six seven eight nine ten eleven twelve"
_DE_ORDINALS = (
    "ersten zweiten dritten vierten fünften sechsten siebten achten neunten zehnten elften zwölften dreizehnten "
    "vierzehnten fünfzehnten sechzehnten siebzehnten achtzehnten neunzehnten zwanzigsten"
)
_DE_NUMBERS = "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"
_DE_UNITS = "einund zweiund dreiund vierund fünfund sechsund siebenund achtund neunund"
_DE_PARTY_SIZES = "zweit dritt viert fünft sechst"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words of one language, in lower case.

    Attributes:
        months: the number of each month's name, and of its abbreviation.
        weekdays: the number of each weekday's name; Monday is 0.
        numbers: the value of each number word up to twelve.
        ordinals: the day of each ordinal word.
        days: the distance from today of each word for a day.
        connectors: words between the two ends of a range.
        next_words: words before a weekday that exclude today.
        month_links: words between a day and a month.
        in_words: words before a distance from today.
        nights, weeks, persons: words for what is counted.
        day_units: words for a distance in days.
        party_sizes: phrases that name the number of persons.
        for_words: words before a bare number of persons.
        at_words: words before a time of day.
        oclock: words after an hour.
        half, quarter, past, to: words of a time of day.
        half_names_next_hour: whether "half eight" is 7:30.
        named_times: the time of each word, in minutes after midnight.
        morning, evening: words that place an hour in one half of the day.
        services: further words for the services of a hotel, by the name of the service.
        not_a_day: phrases that contain a word for a day and mean something else.
    """

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    days: Mapping[str, int]
    connectors: tuple[str, ...]
    next_words: tuple[str, ...]
    month_links: tuple[str, ...]
    in_words: tuple[str, ...]
    nights: tuple[str, ...]
    weeks: tuple[str, ...]
    persons: tuple[str, ...]
    day_units: tuple[str, ...]
    party_sizes: Mapping[str, int]
    for_words: tuple[str, ...]
    at_words: tuple[str, ...]
    oclock: tuple[str, ...]
    half: tuple[str, ...]
    quarter: tuple[str, ...]
    past: tuple[str, ...]
    to: tuple[str, ...]
    half_names_next_hour: bool
    named_times: Mapping[str, int]
    morning: tuple[str, ...]
    evening: tuple[str, ...]
    services: Mapping[str, tuple[str, ...]]
    not_a_day: tuple[str, ...]


def _numbered(words: str, start: int = 1) -> dict[str, int]:
    return {word: start + index for index, word in enumerate(words.split())}


_ENGLISH = Vocabulary(
    months=_numbered("january february march april may june july august september october november december")
    | _numbered("jan feb mar apr may jun jul aug sep oct nov dec"),
    weekdays=_numbered("monday tuesday wednesday thursday friday saturday sunday", 0),
    numbers=_numbered(_EN_NUMBERS) | {"a": 1, "an": 1},
    ordinals=_numbered(f"{_EN_ORDINALS} {_EN_TEENS}")
    | {f"twenty-{word}": 20 + day for word, day in _numbered(_EN_ORDINALS).items() if day < 10}
    | {"thirtieth": 30, "thirty-first": 31},
    days={"today": 0, "tonight": 0, "tomorrow": 1, "the day after tomorrow": 2, "day after tomorrow": 2},
    connectors=("to", "until", "till", "through", "and"),
    next_words=("next",),
    month_links=("of",),
    in_words=("in",),
    nights=("night", "nights"),
    weeks=("week", "weeks"),
    persons=("person", "persons", "people", "adult", "adults", "guest", "guests", "of us"),
    day_units=("day", "days"),
    party_sizes={"just me": 1, "myself": 1, "a couple": 2},
    for_words=("for",),
    at_words=("at", "by"),
    oclock=("o'clock", "oclock"),
    half=("half",),
    quarter=("quarter", "a quarter"),
    past=("past", "after"),
    to=("to", "before"),
    half_names_next_hour=False,
    named_times={"noon": 12 * 60, "midday": 12 * 60, "midnight": 0},
    morning=("am", "a.m.", "in the morning"),
    evening=("pm", "p.m.", "in the afternoon", "in the evening", "at night"),
    services={
        "breakfast": ("breakfast",),
        "late_checkout": ("late check-out", "late check out", "late checkout"),
    },
    not_a_day=(),
)
_GERMAN = Vocabulary(
    months=_numbered("januar februar märz april mai juni juli august september oktober november dezember")
    | _numbered("jan feb mär apr mai jun jul aug sep okt nov dez"),
    weekdays=_numbered("montag dienstag mittwoch donnerstag freitag samstag sonntag", 0) | {"sonnabend": 5},
    numbers=_numbered(_DE_NUMBERS) | {"ein": 1, "eine": 1, "einen": 1, "einer": 1, "einem": 1, "zwo": 2},
    ordinals=_numbered(_DE_ORDINALS)
    | {f"{unit}zwanzigsten": 21 + index for index, unit in enumerate(_DE_UNITS.split())}
    | {"siebenten": 7, "dreißigsten": 30, "einunddreißigsten": 31},
    days={"heute": 0, "morgen": 1, "übermorgen": 2},
    connectors=("bis zum", "bis", "und"),
    next_words=("nächsten", "nächster", "nächste"),
    month_links=(),
    in_words=("in",),
    nights=("nacht", "nächte", "nächten"),
    weeks=("woche", "wochen"),
    persons=("person", "personen", "erwachsene", "erwachsenen", "erwachsener", "gast", "gäste", "leute"),
    day_units=("tag", "tage", "tagen"),
    party_sizes={f"zu {word}": 2 + index for index, word in enumerate(_DE_PARTY_SIZES.split())}
    | {"nur für mich": 1, "allein": 1, "alleine": 1},
    for_words=("für",),
    at_words=("um", "gegen"),
    oclock=("uhr",),
    half=("halb",),
    quarter=("viertel",),
    past=("nach",),
    to=("vor",),
    half_names_next_hour=True,
    named_times={"mittag": 12 * 60, "mittags": 12 * 60, "mitternacht": 0},
    morning=("morgens", "früh", "vormittags", "am morgen"),
    evening=("nachmittags", "abends", "am nachmittag", "am abend"),
    services={
        "breakfast": ("frühstück",),
        "late_checkout": ("späte abreise", "späterer check-out", "später auschecken"),
    },
    not_a_day=("guten morgen", "am morgen", "heute früh"),
)
VOCABULARIES: Mapping[str, Vocabulary] = {"en": _ENGLISH, "de": _GERMAN}
