"""The phrases that the voice agent speaks, by language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from babel.dates import format_date

DEFAULT_LANGUAGE = "en"
DATE_PLACEHOLDERS = frozenset({"arrival", "departure", "date"})
"""Placeholders whose value is an ISO date."""
SPOKEN_DATE_FORMATS: Mapping[str, str] = {"en": "d MMMM y", "de": "d. MMMM y", "fr": "d MMMM y"}
"""How a date is written out, by language, as patterns of CLDR."""
PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "welcome": "Good day. How may I help you?",
        "welcome_guest": "Good day, {name}. How may I help you?",
        "details": "You are staying from {arrival} to {departure}. Your room is {room}.",
        "details_no_room": "You are staying from {arrival} to {departure}. Your room has not been assigned yet.",
        "not_found": "I cannot find your reservation. May I have its number?",
        "ordered": "With pleasure. I have booked this for you.",
        "which_service": "What would you like to have?",
        "offer": "We have {room} from {arrival} to {departure} for {price}.",
        "sold_out": "I am sorry, we have nothing free then.",
        "which_dates": "When would you like to arrive, and when would you like to leave?",
        "which_name": "Under what name may I book?",
        "booked": "I have booked for you. Your reservation number is {number}.",
        "changed": "I have changed your stay: it is from {arrival} to {departure}.",
        "confirm_cancel": "Shall I really cancel your stay?",
        "cancelled": "I have cancelled your stay.",
        "late_checkout": "You may check out later. I have made a note of it.",
        "refused": "I am sorry, that is not possible. I can connect you with a colleague.",
        "transferring": "One moment, I am connecting you.",
        "which_time": "At what time may I call you?",
        "wake_up_ordered": "I will wake you on {date} at {time}.",
        "call_back_ordered": "I will call you back on {date} at {time}.",
        "wake_up_call": "Good morning. This is your wake-up call.",
        "call_back_call": "Good day. You asked me to call you back. How may I help you?",
        "nobody": "I am sorry, none of my colleagues can take your call just now.",
        "busy": "I am sorry, my colleagues' line is busy just now. Please try again in a few minutes.",
        "no_answer": "I am sorry, my colleagues do not answer just now. Is there anything I can do for you?",
        "no_phone_line": "I can connect you only if you call us by telephone.",
        "small_talk": "It is a pleasure to talk to you. Is there anything I can do for you?",
        "fallback": "I am sorry, I cannot look that up just now. May I connect you with a colleague?",
        "confirm_check_in": "Your stay is until {departure}. Shall I check you in now?",
        "checked_in": "You are checked in. Your room is {room}. Have a pleasant stay.",
        "confirm_check_out": "Your bill is settled. Shall I check you out now?",
        "checked_out": "You are checked out. We wish you a safe journey.",
        "pay_before_check_out": "{amount} is still open on your bill. Please pay it at the reception, then I can check you out.",
        "room_assigned": "Your room is {room}.",
        "confirm_room_change": "Your room is {room}. Shall I give you room {new_room} instead?",
        "room_already_assigned": "You have a room already: it is {room}.",
        "room_unknown": "I am sorry, we have no room {room} of the type that you booked.",
        "room_taken": "I am sorry, room {room} is not free. Shall I look for another one?",
        "no_room": "I am sorry, no room of your type is free for your whole stay. I can connect you with a colleague.",
        "balance_open": "{amount} is still open on your bill.",
        "balance_settled": "Nothing is open on your bill.",
        "balance_credit": "Nothing is open on your bill. You have a credit of {amount}.",
        "not_confirmed": "Your reservation is not confirmed yet. I can connect you with a colleague.",
        "already_checked_in": "You are checked in already. Your room is {room}.",
        "not_checked_in": "You have not checked in yet.",
        "stay_over": "You have checked out already, so I cannot do that. I can connect you with a colleague.",
        "stay_canceled": "Your reservation was cancelled. I can connect you with a colleague.",
        "stay_no_show": "Your reservation was closed because you did not arrive. I can connect you with a colleague.",
        "stay_has_begun": "Your stay has begun already, so I cannot do that. I can connect you with a colleague.",
        "before_arrival": "You can check in from {arrival}, the day of your arrival.",
        "before_departure": "Your stay is until {departure}, so I cannot check you out yet. I can connect you with a colleague.",
        "after_departure": "Your stay was until {departure}, so I cannot do that. I can connect you with a colleague.",
        "ask_recording": "May I record this call, so that my colleagues can listen to it later?",
        "recording_started": "Thank you. This call is being recorded from now on.",
        "recording_unavailable": "Thank you. This call cannot be recorded just now, so we go on without it.",
        "not_recorded": "Very well. This call is not being recorded.",
    },
    "de": {
        "welcome": "Guten Tag. Was darf ich für Sie tun?",
        "welcome_guest": "Guten Tag, {name}. Was darf ich für Sie tun?",
        "details": "Sie wohnen vom {arrival} bis zum {departure} bei uns. Ihr Zimmer ist {room}.",
        "details_no_room": "Sie wohnen vom {arrival} bis zum {departure} bei uns. Ihr Zimmer steht noch nicht fest.",
        "not_found": "Ich finde Ihre Reservierung nicht. Können Sie mir bitte die Nummer nennen?",
        "ordered": "Sehr gerne. Ich habe es für Sie gebucht.",
        "which_service": "Was wünschen Sie?",
        "offer": "Wir haben {room} vom {arrival} bis zum {departure} für {price}.",
        "sold_out": "Da ist leider nichts mehr frei.",
        "which_dates": "Wann möchten Sie anreisen, und wann abreisen?",
        "which_name": "Auf welchen Namen darf ich buchen?",
        "booked": "Ich habe für Sie gebucht. Ihre Reservierungsnummer ist {number}.",
        "changed": "Ihr Aufenthalt ist nun vom {arrival} bis zum {departure}.",
        "confirm_cancel": "Soll ich Ihren Aufenthalt wirklich stornieren?",
        "cancelled": "Ich habe Ihren Aufenthalt storniert.",
        "late_checkout": "Sie dürfen später abreisen. Ich habe es vermerkt.",
        "refused": "Das geht leider nicht. Ich kann Sie verbinden.",
        "transferring": "Einen Moment, ich verbinde Sie.",
        "which_time": "Um wie viel Uhr darf ich Sie anrufen?",
        "wake_up_ordered": "Ich wecke Sie am {date} um {time} Uhr.",
        "call_back_ordered": "Ich rufe Sie am {date} um {time} Uhr zurück.",
        "wake_up_call": "Guten Morgen. Das ist Ihr Weckruf.",
        "call_back_call": "Guten Tag. Sie haben um einen Rückruf gebeten. Was darf ich für Sie tun?",
        "nobody": "Leider kann gerade niemand Ihren Anruf annehmen.",
        "busy": "Bei meinen Kollegen ist leider gerade besetzt. Bitte versuchen Sie es in ein paar Minuten noch einmal.",
        "no_answer": "Leider geht bei meinen Kollegen gerade niemand ans Telefon. Kann ich etwas für Sie tun?",
        "no_phone_line": "Verbinden kann ich Sie nur, wenn Sie uns mit dem Telefon anrufen.",
        "small_talk": "Es freut mich, mit Ihnen zu sprechen. Kann ich etwas für Sie tun?",
        "fallback": "Das kann ich gerade leider nicht nachsehen. Darf ich Sie verbinden?",
        "confirm_check_in": "Ihr Aufenthalt dauert bis zum {departure}. Soll ich Sie jetzt einchecken?",
        "checked_in": "Sie sind eingecheckt. Ihr Zimmer ist {room}. Einen angenehmen Aufenthalt.",
        "confirm_check_out": "Ihre Rechnung ist beglichen. Soll ich Sie jetzt auschecken?",
        "checked_out": "Sie sind ausgecheckt. Wir wünschen Ihnen eine gute Reise.",
        "pay_before_check_out": "Auf Ihrer Rechnung sind noch {amount} offen. Bitte zahlen Sie an der Rezeption, danach kann ich Sie auschecken.",
        "room_assigned": "Ihr Zimmer ist {room}.",
        "confirm_room_change": "Ihr Zimmer ist {room}. Soll ich Ihnen stattdessen Zimmer {new_room} geben?",
        "room_already_assigned": "Sie haben schon ein Zimmer: {room}.",
        "room_unknown": "Ein Zimmer {room} haben wir in der gebuchten Kategorie leider nicht.",
        "room_taken": "Zimmer {room} ist leider nicht frei. Soll ich ein anderes suchen?",
        "no_room": "In Ihrer Kategorie ist leider kein Zimmer für den ganzen Aufenthalt frei. Ich kann Sie verbinden.",
        "balance_open": "Auf Ihrer Rechnung sind noch {amount} offen.",
        "balance_settled": "Auf Ihrer Rechnung ist nichts offen.",
        "balance_credit": "Auf Ihrer Rechnung ist nichts offen. Sie haben ein Guthaben von {amount}.",
        "not_confirmed": "Ihre Reservierung ist noch nicht bestätigt. Ich kann Sie verbinden.",
        "already_checked_in": "Sie sind schon eingecheckt. Ihr Zimmer ist {room}.",
        "not_checked_in": "Sie haben noch nicht eingecheckt.",
        "stay_over": "Sie haben schon ausgecheckt, daher geht das nicht mehr. Ich kann Sie verbinden.",
        "stay_canceled": "Ihre Reservierung wurde storniert. Ich kann Sie verbinden.",
        "stay_no_show": "Ihre Reservierung wurde geschlossen, weil Sie nicht angereist sind. Ich kann Sie verbinden.",
        "stay_has_begun": "Ihr Aufenthalt hat schon begonnen, daher geht das nicht mehr. Ich kann Sie verbinden.",
        "before_arrival": "Sie können ab dem {arrival}, dem Tag Ihrer Anreise, einchecken.",
        "before_departure": "Ihr Aufenthalt dauert bis zum {departure}, daher kann ich Sie noch nicht auschecken. Ich kann Sie verbinden.",
        "after_departure": "Ihr Aufenthalt ging bis zum {departure}, daher geht das nicht mehr. Ich kann Sie verbinden.",
        "ask_recording": "Darf ich dieses Gespräch aufzeichnen, damit meine Kollegen es später anhören können?",
        "recording_started": "Vielen Dank. Das Gespräch wird ab jetzt aufgezeichnet.",
        "recording_unavailable": "Vielen Dank. Das Gespräch kann gerade nicht aufgezeichnet werden; wir sprechen ohne Aufzeichnung weiter.",
        "not_recorded": "In Ordnung. Das Gespräch wird nicht aufgezeichnet.",
    },
    "fr": {
        "welcome": "Bonjour. Que puis-je faire pour vous ?",
        "welcome_guest": "Bonjour, {name}. Que puis-je faire pour vous ?",
        "details": "Vous séjournez du {arrival} au {departure}. Votre chambre est {room}.",
        "details_no_room": "Vous séjournez du {arrival} au {departure}. Votre chambre n'est pas encore attribuée.",
        "not_found": "Je ne trouve pas votre réservation. Quel est son numéro ?",
        "ordered": "Avec plaisir. Je l'ai réservé pour vous.",
        "which_service": "Que désirez-vous ?",
        "offer": "Nous avons {room} du {arrival} au {departure} pour {price}.",
        "sold_out": "Je regrette, nous n'avons plus rien de libre.",
        "which_dates": "Quand souhaitez-vous arriver, et quand partir ?",
        "which_name": "À quel nom puis-je réserver ?",
        "booked": "J'ai réservé pour vous. Votre numéro de réservation est {number}.",
        "changed": "Votre séjour est maintenant du {arrival} au {departure}.",
        "confirm_cancel": "Dois-je vraiment annuler votre séjour ?",
        "cancelled": "J'ai annulé votre séjour.",
        "late_checkout": "Vous pouvez partir plus tard. Je l'ai noté.",
        "refused": "Je regrette, ce n'est pas possible. Je peux vous passer un collègue.",
        "transferring": "Un instant, je vous passe un collègue.",
        "which_time": "À quelle heure puis-je vous appeler ?",
        "wake_up_ordered": "Je vous réveillerai le {date} à {time}.",
        "call_back_ordered": "Je vous rappellerai le {date} à {time}.",
        "wake_up_call": "Bonjour. C'est votre appel de réveil.",
        "call_back_call": "Bonjour. Vous avez demandé un rappel. Que puis-je faire pour vous ?",
        "nobody": "Je regrette, aucun collègue n'est libre en ce moment.",
        "busy": "Je regrette, la ligne de mes collègues est occupée. Veuillez réessayer dans quelques minutes.",
        "no_answer": "Je regrette, mes collègues ne répondent pas en ce moment. Puis-je faire quelque chose pour vous ?",
        "no_phone_line": "Je ne peux vous passer un collègue que si vous nous appelez par téléphone.",
        "small_talk": "C'est un plaisir de parler avec vous. Puis-je faire quelque chose pour vous ?",
        "fallback": "Je ne peux pas le vérifier en ce moment. Puis-je vous passer un collègue ?",
        "confirm_check_in": "Votre séjour dure jusqu'au {departure}. Dois-je enregistrer votre arrivée maintenant ?",
        "checked_in": "Votre arrivée est enregistrée. Votre chambre est {room}. Je vous souhaite un agréable séjour.",
        "confirm_check_out": "Votre note est réglée. Dois-je enregistrer votre départ maintenant ?",
        "checked_out": "Votre départ est enregistré. Nous vous souhaitons un bon voyage.",
        "pay_before_check_out": "Il reste {amount} à payer sur votre note. Veuillez la régler à la réception ; je pourrai ensuite enregistrer votre départ.",
        "room_assigned": "Votre chambre est {room}.",
        "confirm_room_change": "Votre chambre est {room}. Dois-je vous donner la chambre {new_room} à la place ?",
        "room_already_assigned": "Vous avez déjà une chambre : {room}.",
        "room_unknown": "Je regrette, nous n'avons pas de chambre {room} dans la catégorie réservée.",
        "room_taken": "Je regrette, la chambre {room} n'est pas libre. Dois-je en chercher une autre ?",
        "no_room": "Je regrette, aucune chambre de votre catégorie n'est libre pour tout le séjour. Je peux vous passer un collègue.",
        "balance_open": "Il reste {amount} à payer sur votre note.",
        "balance_settled": "Il ne reste rien à payer sur votre note.",
        "balance_credit": "Il ne reste rien à payer sur votre note. Vous avez un avoir de {amount}.",
        "not_confirmed": "Votre réservation n'est pas encore confirmée. Je peux vous passer un collègue.",
        "already_checked_in": "Votre arrivée est déjà enregistrée. Votre chambre est {room}.",
        "not_checked_in": "Votre arrivée n'est pas encore enregistrée.",
        "stay_over": "Votre départ est déjà enregistré, ce n'est donc plus possible. Je peux vous passer un collègue.",
        "stay_canceled": "Votre réservation a été annulée. Je peux vous passer un collègue.",
        "stay_no_show": "Votre réservation a été close faute d'arrivée. Je peux vous passer un collègue.",
        "stay_has_begun": "Votre séjour a déjà commencé, ce n'est donc plus possible. Je peux vous passer un collègue.",
        "before_arrival": "Votre arrivée peut être enregistrée à partir du {arrival}.",
        "before_departure": "Votre séjour dure jusqu'au {departure}, je ne peux donc pas encore enregistrer votre départ. Je peux vous passer un collègue.",
        "after_departure": "Votre séjour allait jusqu'au {departure}, ce n'est donc plus possible. Je peux vous passer un collègue.",
        "ask_recording": "Puis-je enregistrer cet appel, afin que mes collègues puissent l'écouter plus tard ?",
        "recording_started": "Merci. Cet appel est enregistré à partir de maintenant.",
        "recording_unavailable": "Merci. Cet appel ne peut pas être enregistré en ce moment ; nous continuons sans enregistrement.",
        "not_recorded": "Très bien. Cet appel n'est pas enregistré.",
    },
}


def supported_language(language: str | None) -> str:
    """Return the language if there are phrases in it, otherwise the default language."""
    return language if language and language in PHRASES else DEFAULT_LANGUAGE


def render_phrase(language: str, phrase_key: str, values: Mapping[str, str]) -> str:
    """Return a phrase with its placeholders filled in; dates are written out in the language ("3 May 2027")."""
    texts = {name: _spoken(language, name, value) for name, value in values.items()}
    return PHRASES[language][phrase_key].format(**texts)


def _spoken(language: str, name: str, value: str) -> str:
    if name not in DATE_PLACEHOLDERS:
        return value
    return _spoken_date(language, value)


# the stays of all guests are within few days, and babel parses the pattern each time
@lru_cache(maxsize=1024)
def _spoken_date(language: str, value: str) -> str:
    # a speech synthesiser reads "2027-05-03" as digits
    return format_date(date.fromisoformat(value), SPOKEN_DATE_FORMATS[language], language)
