"""Where the embedded broker answers otherwise than the recorded one, by the number and name of the exchange, and why."""

from __future__ import annotations

OPTIONAL_KEYS = {"curies", "title", "updatedAt", "templated", "pb:metrics", "username", "password"}
"""Keys that no client needs: documentation, wording, and times of updates; and the credentials that are not sent."""

WORDING = ("/notices", "/logs", "/errors/contracts", "/errors/consumerVersionSelectors", "/errors/name")
"""Lists of texts, of which both brokers have different ones."""

NOT_SENT = {
    "101 changed, same version, merge": "it merges, and everything after it would have another content",
    "234 blank branch": "it is rejected, and the version would not exist afterwards",
}

SENT_BODIES: dict[str, dict[str, object]] = {
    # the length of names is bounded, and versions later link to the environment
    "84 create, long name": {"name": "xxx", "displayName": "Xxx", "production": False},
}
"""What is sent in place of a recorded body."""

_JSON_ACCEPTED = "JSON is HAL for a client that accepts only one of both"
_NEVER_500 = "a mistake of the client is 4xx"
_REASON_KEPT = "the reason is sent as a problem, not lost in a 406"
_NOT_OFFERED = "no official client needs it"
_NO_CLIENT_HEADERS = "only the headers of the webhook are shown, not those of the HTTP client"
_ANY_ACCEPT = "what a client accepts does not matter for a response without a body"
_TEXT_IN_FIELD = "an error about the body as a whole has no field, and one about a missing field has"

DEVIATIONS = {
    "3 index, json": _JSON_ACCEPTED,
    "6 HEAD index": "probes send HEAD",
    "12 metrics on empty broker": _NOT_OFFERED,
    "15 double slash": "a 404 like any other",
    "16 newline in path": "400 with the name of the field",
    "17 tab in path": "400 with the name of the field",
    "18 doc of a relation": _NOT_OFFERED,
    "36 create, array": _TEXT_IN_FIELD,
    "37 create, empty body": _TEXT_IN_FIELD,
    "38 create, wrong type": _NEVER_500,
    "46 get, unknown, problem only": _REASON_KEPT,
    "102 changed, same version, problem": _REASON_KEPT,
    "111 no contracts": _NEVER_500,
    "145 put, array": _NEVER_500,
    "155 get, unknown, problem": _REASON_KEPT,
    "170 provider, all": "an overwritten revision is not listed",
    "182 pair, branch without name": "get-pacts of the official CLI reads it",
    "183 pair, branch latest": "get-pacts of the official CLI means the main branch",
    "194 latest of pair, .json": "a suffix may belong to the name",
    "219 put version, bad tags": _NEVER_500,
    "255 array": _NEVER_500,
    "309 latest result of latest with tag": "the result of the pact with the tag",
    "312 summary of a consumer version": "each provider once",
    "313 summary of an unverified one": "each provider once",
    "386 bad latestby": _NEVER_500,
    "387 unknown selector key": "a misspelled key must not select everything",
    **dict.fromkeys(("428 execute", "429 execute, no body", "431 execute unsaved"), _NO_CLIENT_HEADERS),
    "436 status after 25 s": "the worker does not run, so nothing was tried",
    **dict.fromkeys(
        (
            "442 pact badge",
            "443 pact badge, no suffix",
            "444 pact badge, label",
            "445 pact badge, initials",
            "446 pact badge, tag",
            "447 pact badge, unknown",
            "448 pact badge, unverified",
            "449 tag to tag badge",
            "450 branch badge",
            "451 branch badge, unknown environment",
            "452 can-i-merge badge",
            "453 can-i-merge badge, unknown",
        ),
        "the badge itself, not a redirect to an outside host",
    ),
    "454 dashboard": "heads of branches are listed too",
    "455 dashboard of pair": "heads of branches are listed too",
    "459 relationships": _NOT_OFFERED,
    "460 group": _NOT_OFFERED,
    "461 metrics": _NOT_OFFERED,
    "463 delete integration, hal": _ANY_ACCEPT,
    "464 delete integration": "the request before has deleted it",
    "465 delete integration again": "404, as nothing is left",
}
