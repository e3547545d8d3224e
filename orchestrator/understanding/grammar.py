"""A deterministic grammar of German and English: what a guest says becomes parameters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from orchestrator.calls.ports import Utterance
from orchestrator.understanding.dates import find_dates
from orchestrator.understanding.quantities import find_nights, find_persons, find_time
from orchestrator.understanding.vocabulary import VOCABULARIES

MAX_NIGHTS = 365


class GrammarInterpreter:
    """Recognizes dates, nights, persons, times of day and services.

    It never guesses: what it cannot read in exactly one way is left out, and the intent asks for it.
    """

    async def interpret(self, utterance: Utterance) -> Mapping[str, Any]:
        """Return the parameters in a text, by name; in a language without a vocabulary only services by their names."""
        text = " ".join(utterance.text.lower().replace("\u2019", "'").split())
        parameters: dict[str, Any] = {}
        if "service" in utterance.missing_parameters:
            parameters["service"] = _find_service(text, utterance)
        if utterance.language in VOCABULARIES:
            parameters |= _find_quantities(text, utterance)
        return {name: value for name, value in parameters.items() if value is not None}


def _find_quantities(text: str, utterance: Utterance) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    if "arrival" in utterance.missing_parameters and "departure" in utterance.missing_parameters:
        parameters |= _find_stay(text, utterance.language, utterance.today)
    elif "departure" in utterance.missing_parameters and isinstance(
        arrival := utterance.sent_parameters.get("arrival"), date
    ):
        parameters["departure"] = _find_departure(text, utterance.language, utterance.today, arrival)
    if "adults" in utterance.missing_parameters:
        parameters["adults"] = find_persons(text, utterance.language)
    if "date" in utterance.missing_parameters:
        parameters["date"] = _find_single_date(text, utterance.language, utterance.today)
    if "time" in utterance.missing_parameters:
        parameters["time"] = find_time(text, utterance.language)
    return parameters


def _find_stay(text: str, language: str, today: date) -> dict[str, date]:
    dates = find_dates(text, language, today)
    if not dates or len(dates) > 2 or any(day < today for day in dates):
        return {}
    if len(dates) == 2:
        return {"arrival": dates[0], "departure": dates[1]} if dates[0] < dates[1] else {}
    departure = _after_nights(text, language, dates[0])
    return {"arrival": dates[0]} | ({"departure": departure} if departure else {})


def _find_departure(text: str, language: str, today: date, arrival: date) -> date | None:
    dates = find_dates(text, language, today, after=arrival)
    if dates == []:
        return _after_nights(text, language, arrival)
    return dates[0] if dates and len(dates) == 1 and dates[0] > arrival else None


def _after_nights(text: str, language: str, arrival: date) -> date | None:
    nights = find_nights(text, language)
    if not nights or nights > MAX_NIGHTS or nights > (date.max - arrival).days:
        return None
    return arrival + timedelta(days=nights)


def _find_single_date(text: str, language: str, today: date) -> date | None:
    dates = find_dates(text, language, today)
    return dates[0] if dates and len(dates) == 1 and dates[0] >= today else None


def _find_service(text: str, utterance: Utterance) -> str | None:
    vocabulary = VOCABULARIES.get(utterance.language)
    further = vocabulary.services if vocabulary else {}
    named = [
        name
        for name in utterance.services
        if any(phrase in text for phrase in (name.replace("_", " "), *further.get(name, ())))
    ]
    return named[0] if len(named) == 1 else None
