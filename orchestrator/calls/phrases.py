"""The phrases that the voice agent speaks, by language."""

from __future__ import annotations

from collections.abc import Mapping

DEFAULT_LANGUAGE = "en"
PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "welcome": "Good day. How may I help you?",
        "welcome_guest": "Good day, {name}. How may I help you?",
        "details": "You stay from {arrival} to {departure}. Your room is {room}.",
        "details_no_room": "You stay from {arrival} to {departure}. Your room is not assigned yet.",
        "not_found": "I cannot find your reservation. May I have its number?",
        "ordered": "With pleasure. I have booked this for you.",
        "which_service": "What would you like to have?",
        "offer": "We have {room} from {arrival} to {departure} for {price}.",
        "sold_out": "I am sorry, we have nothing free then.",
        "which_dates": "When would you like to arrive, and when to leave?",
        "which_name": "What name may I book for?",
        "booked": "I have booked for you. Your reservation is {number}.",
        "changed": "I have changed your stay: it is from {arrival} to {departure}.",
        "confirm_cancel": "Shall I really cancel your stay?",
        "cancelled": "I have cancelled your stay.",
        "late_checkout": "You may leave later. I have noted it.",
        "refused": "I am sorry, that is not possible. I can connect you with a colleague.",
        "transferring": "One moment, I connect you.",
        "which_time": "At what time may I call you?",
        "wake_up_ordered": "I will wake you on {date} at {time}.",
        "call_back_ordered": "I will call you back on {date} at {time}.",
        "wake_up_call": "Good morning. This is your wake-up call.",
        "call_back_call": "Good day. You asked me to call you back. How may I help you?",
        "nobody": "I am sorry, none of my colleagues can take your call just now.",
        "small_talk": "It is a pleasure to talk to you. Is there anything I can do for you?",
        "fallback": "I am sorry, I cannot look that up just now. May I connect you with a colleague?",
    },
    "de": {
        "welcome": "Guten Tag. Was darf ich für Sie tun?",
        "welcome_guest": "Guten Tag, {name}. Was darf ich für Sie tun?",
        "details": "Sie wohnen vom {arrival} bis zum {departure} bei uns. Ihr Zimmer ist {room}.",
        "details_no_room": "Sie wohnen vom {arrival} bis zum {departure} bei uns. Ihr Zimmer steht noch nicht fest.",
        "not_found": "Ich finde Ihre Reservierung nicht. Nennen Sie mir bitte die Nummer?",
        "ordered": "Sehr gerne. Ich habe es für Sie gebucht.",
        "which_service": "Was wünschen Sie?",
        "offer": "Wir haben {room} vom {arrival} bis zum {departure} für {price}.",
        "sold_out": "Da ist leider nichts mehr frei.",
        "which_dates": "Wann möchten Sie anreisen, und wann abreisen?",
        "which_name": "Auf welchen Namen darf ich buchen?",
        "booked": "Ich habe für Sie gebucht. Ihre Reservierung ist {number}.",
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
        "small_talk": "Es freut mich, mit Ihnen zu sprechen. Kann ich etwas für Sie tun?",
        "fallback": "Das kann ich gerade leider nicht nachsehen. Darf ich Sie verbinden?",
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
        "booked": "J'ai réservé pour vous. Votre réservation est {number}.",
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
        "call_back_call": "Bonjour. Vous avez demandé à être rappelé. Que puis-je faire pour vous ?",
        "nobody": "Je regrette, aucun collègue n'est libre en ce moment.",
        "small_talk": "C'est un plaisir de parler avec vous. Puis-je faire quelque chose pour vous ?",
        "fallback": "Je ne peux pas le vérifier en ce moment. Puis-je vous passer un collègue ?",
    },
}


def supported_language(language: str | None) -> str:
    """Return the language if there are phrases in it, otherwise the default language."""
    return language if language and language in PHRASES else DEFAULT_LANGUAGE


def render_phrase(language: str, phrase_key: str, values: Mapping[str, str]) -> str:
    """Return a phrase with its placeholders filled in."""
    return PHRASES[language][phrase_key].format(**values)
