"""What guests say in German and English, and what the grammar reads in it."""

from __future__ import annotations

import time as clock
from datetime import date, time
from typing import Any

import pytest

from orchestrator.calls.ports import Utterance
from orchestrator.understanding.grammar import GrammarInterpreter

SATURDAY = date(2027, 5, 1)
SERVICES = ("breakfast", "late_checkout", "club_sandwich")


async def interpret(
    text: str, language: str, *missing: str, today: date = SATURDAY, **sent: Any
) -> dict[str, Any]:
    """Return the missing parameters that the grammar reads in a text."""
    utterance = Utterance(
        text=text,
        language=language,
        today=today,
        missing_parameters=missing,
        sent_parameters=sent,
        services=SERVICES,
    )
    return dict(await GrammarInterpreter().interpret(utterance))


def stay(arrival: str, departure: str | None = None) -> dict[str, date]:
    """Return the dates of a stay as parameters."""
    dates = {"arrival": date.fromisoformat(arrival)}
    return dates | ({"departure": date.fromisoformat(departure)} if departure else {})


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "From 3 June to 5 June, please.", stay("2027-06-03", "2027-06-05")),
        ("en", "From the 3rd to the 5th of June", stay("2027-06-03", "2027-06-05")),
        ("en", "June 3rd until June 5th", stay("2027-06-03", "2027-06-05")),
        ("en", "The third of June for two nights", stay("2027-06-03", "2027-06-05")),
        ("en", "2027-06-03 to 2027-06-05", stay("2027-06-03", "2027-06-05")),
        ("en", "tomorrow for a week", stay("2027-05-02", "2027-05-09")),
        ("en", "the day after tomorrow", stay("2027-05-03")),
        ("en", "tonight, one night", stay("2027-05-01", "2027-05-02")),
        ("en", "Saturday", stay("2027-05-01")),
        ("en", "next Saturday", stay("2027-05-08")),
        ("en", "From Friday to Sunday", stay("2027-05-07", "2027-05-09")),
        ("en", "Saturday to Saturday", stay("2027-05-01", "2027-05-08")),
        ("en", "in three days", stay("2027-05-04")),
        ("en", "in a week, for two nights", stay("2027-05-08", "2027-05-10")),
        ("en", "from 30 December to 2 January", stay("2027-12-30", "2028-01-02")),
        ("en", "30 April", stay("2028-04-30")),
        ("en", "25/12/2027 until 12/27/2027", stay("2027-12-25", "2027-12-27")),
        ("en", "I arrive on December 24, 2028", stay("2028-12-24")),
        ("en", "May I have a room on 2 May?", stay("2027-05-02")),
        ("de", "Vom 3. bis 5. Juni bitte", stay("2027-06-03", "2027-06-05")),
        ("de", "vom 3. Juni bis zum 5. Juni", stay("2027-06-03", "2027-06-05")),
        ("de", "03.06. bis 05.06.2027", stay("2027-06-03", "2027-06-05")),
        ("de", "Am dritten Juni für zwei Nächte", stay("2027-06-03", "2027-06-05")),
        ("de", "Morgen, eine Woche", stay("2027-05-02", "2027-05-09")),
        ("de", "Guten Morgen, ich komme übermorgen", stay("2027-05-03")),
        ("de", "Von Freitag bis Sonntag", stay("2027-05-07", "2027-05-09")),
        ("de", "nächsten Samstag", stay("2027-05-08")),
        ("de", "in drei Tagen, drei Nächte", stay("2027-05-04", "2027-05-07")),
        ("de", "am einunddreißigsten Dezember", stay("2027-12-31")),
    ],
)
async def test_dates_of_a_stay(language: str, text: str, expected: dict[str, date]) -> None:
    """Dates, weekdays, ranges and nights give arrival and departure."""
    assert await interpret(text, language, "arrival", "departure") == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "some time in June"),
        ("en", "on 31 June"),
        ("en", "on 3/6"),
        ("en", "2027-02-30"),
        ("en", "on 1 June, 3 June or 5 June"),
        ("en", "from 5 June 2027 to 3 June 2027"),
        ("en", "on 1 April 2027"),
        ("en", "Room 12.5.6 or call 030.12.34"),
        ("de", "Guten Morgen"),
        ("de", "am 30. Februar"),
        ("de", "irgendwann"),
        ("fr", "le 3 juin"),
    ],
)
async def test_unclear_dates_are_left_out(language: str, text: str) -> None:
    """What is no date, does not exist, is over, or can be read in two ways is never guessed."""
    assert await interpret(text, language, "arrival", "departure") == {}


@pytest.mark.parametrize(
    "text", ["9999-12-31 and Monday", "in 999 weeks", "next Monday", "31 December for 300 nights"]
)
async def test_dates_after_the_calendar_are_left_out(text: str) -> None:
    """There is no year 10000."""
    found = await interpret(text, "en", "arrival", "departure", today=date(9999, 12, 31))

    assert "departure" not in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("until Sunday", "2027-05-09"),
        ("two nights", "2027-05-09"),
        ("10 May", "2027-05-10"),
        ("6 May 2027", None),
    ],
)
async def test_departure_after_a_known_arrival(text: str, expected: str | None) -> None:
    """The reply to "and when do you leave?" is read after the arrival."""
    found = await interpret(text, "en", "departure", arrival=date(2027, 5, 7))

    assert found == ({"departure": date.fromisoformat(expected)} if expected else {})


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "a room for two people", 2),
        ("en", "two adults, three nights", 2),
        ("en", "for 3, please", 3),
        ("en", "the four of us", 4),
        ("en", "just me", 1),
        ("de", "für zwei Personen", 2),
        ("de", "zu dritt", 3),
        ("de", "ein Gast", 1),
        ("de", "für zwei, bitte", 2),
        ("en", "for two nights", None),
        ("en", "two adults or three adults", None),
        ("de", "für zwei Nächte", None),
    ],
)
async def test_number_of_persons(language: str, text: str, expected: int | None) -> None:
    """The number of persons is read in figures and words; a number of nights is not one."""
    assert (await interpret(text, language, "adults")).get("adults") == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Wake me at 7", "07:00"),
        ("en", "at 6:45 tomorrow", "06:45"),
        ("en", "half past seven", "07:30"),
        ("en", "a quarter to eight in the evening", "19:45"),
        ("en", "7 pm", "19:00"),
        ("en", "12 am", "00:00"),
        ("en", "ten past six", "06:10"),
        ("en", "10 minutes past six", "06:10"),
        ("en", "five o'clock in the afternoon", "17:00"),
        ("en", "at noon", "12:00"),
        ("en", "at 7 or at 8", None),
        ("en", "25:10", None),
        ("de", "um sieben", "07:00"),
        ("de", "um halb acht", "07:30"),
        ("de", "viertel vor sieben", "06:45"),
        ("de", "um 19 Uhr 30", "19:30"),
        ("de", "um 6:15 Uhr", "06:15"),
        ("de", "sieben Uhr abends", "19:00"),
        ("de", "mittags", "12:00"),
        ("de", "gegen Abend", None),
    ],
)
async def test_time_of_day(language: str, text: str, expected: str | None) -> None:
    """Times of day are read in figures and words; an hour alone is one of the 24 hours of the day."""
    found = (await interpret(text, language, "time")).get("time")

    assert found == (time.fromisoformat(expected) if expected else None)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Breakfast in my room, please", "breakfast"),
        ("de", "Ich hätte gern ein Frühstück", "breakfast"),
        ("de", "Ich möchte später auschecken", "late_checkout"),
        ("fr", "un club sandwich", "club_sandwich"),
        ("en", "breakfast and a club sandwich", None),
        ("en", "something nice", None),
    ],
)
async def test_service(language: str, text: str, expected: str | None) -> None:
    """A service is recognized by its name and, in German, by its German name; two services are asked for."""
    assert (await interpret(text, language, "service")).get("service") == expected


async def test_wake_up_call_has_date_and_time() -> None:
    """A date and a time in one sentence do not disturb each other."""
    found = await interpret("Please wake me tomorrow at half past six", "en", "date", "time")

    assert found == {"date": date(2027, 5, 2), "time": time(6, 30)}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("piece", ["1 ", "3. ", "am ", "in a ", "may 1 ", "1-", "half ", "12:", "first of "])
async def test_long_text_costs_little(language: str, piece: str) -> None:
    """The longest text, of repeated beginnings of phrases, is read in milliseconds of CPU time, not in seconds."""
    wanted = ("arrival", "departure", "adults", "time", "service")
    started = clock.process_time()
    await interpret((piece * 2000)[:2000], language, *wanted)

    assert clock.process_time() - started < 1
