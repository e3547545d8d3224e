"""Questions to the matrix of a stored history, and the results that are expected."""

from __future__ import annotations

from functools import cache
from typing import Any

from broker.domain.can_i_deploy import CanIDeployResult
from broker.domain.matrix import VersionFilter
from broker.services.matrix import CUT_WARNING, MatrixQuery, QuerySelector, run_query
from tests.broker.stored_history import StoredHistory

NO_ENVIRONMENT = "No environment is given: versions in any environment, or in none, are considered"
NO_NUMBER = "No version number is given: the result may change while a pipeline runs"
YES = "All required verification results are published and successful"
IN_PRODUCTION = VersionFilter(environment="production")
Selector = tuple[str, VersionFilter]


@cache
def history() -> StoredHistory:
    """Two consumers of Pay, of which Web needs Mail too; Pay 11 is in production and Pay 12 fails one of its pacts."""
    stored = StoredHistory()
    stored.publish("Web", "1", "first", branch="main")
    stored.publish("Web", "2", "second", branch="main")
    stored.publish("Web", "2", "letters", provider="Mail")
    stored.version("Web", "3", "feat")
    stored.publish("App", "1", "taps", branch="main")
    stored.publish("App", "2", "swipes", branch="feat")
    stored.version("Pay", "10", "main")
    stored.verify("Web", "1", "10")
    stored.verify("Web", "1", "11")
    stored.verify("Web", "2", "10")
    stored.verify("Web", "2", "11")
    stored.verify("Web", "2", "12", success=False)
    stored.verify("Web", "2", "7", provider="Mail")
    stored.verify("App", "1", "12")
    stored.deploy("Pay", "11")
    stored.deploy("Mail", "7")
    stored.deploy("Web", "1", "test")
    return stored


def number(name: str, text: str) -> Selector:
    """Return a selector of one version."""
    return name, VersionFilter(number=text)


def every(name: str) -> Selector:
    """Return a selector of all versions."""
    return name, VersionFilter()


def ask(*selectors: Selector, stored: StoredHistory | None = None, **options: Any) -> CanIDeployResult:
    """Return the result of a query."""
    source = stored or history()
    chosen = [QuerySelector(source.pacticipant(name), filters) for name, filters in selectors]
    return run_query(source.db, MatrixQuery(chosen, **options))


def rows(result: CanIDeployResult) -> list[str]:
    """Return the rows in short, such as `Web 2 Pay 12 no`; the result is `?` if there is none."""
    verdicts = {True: "yes", False: "no", None: "?"}
    return [
        f"{row.consumer} {row.consumer_version} {row.provider} {row.provider_version or '-'} {verdicts[row.success]}"
        for row in result.considered
    ]


def texts(result: CanIDeployResult) -> list[str]:
    """Return the notices."""
    return [notice.text for notice in result.notices]


FAILED = "The verification of the pact between Web (2) and Pay (12) failed"
WEB_2 = ["Web 2 Mail 7 yes", "Web 2 Pay 12 no", "Web 2 Pay 11 yes", "Web 2 Pay 10 yes"]
WEB_1 = ["Web 1 Pay 11 yes", "Web 1 Pay 10 yes"]
LATEST, ON_MAIN = VersionFilter(latest=True), VersionFilter(branch="main")
MAIN_HEAD = VersionFilter(main_branch=True, latest=True)
CASES: dict[str, tuple[list[Selector], dict[str, Any], bool | None, list[str], list[str]]] = {
    "one version of both": (
        [number("Web", "2"), number("Pay", "11")], {}, True, ["Web 2 Pay 11 yes"], [YES],
    ),
    "one version of both that fail": (
        [number("Web", "2"), number("Pay", "12")], {}, False, ["Web 2 Pay 12 no"], [FAILED],
    ),
    "a consumer's version": ([number("Web", "2")], {}, False, WEB_2, [NO_ENVIRONMENT, FAILED]),
    "a provider's version": (
        [number("Pay", "11")], {}, True, ["Web 2 Pay 11 yes", "Web 1 Pay 11 yes"], [NO_ENVIRONMENT, YES],
    ),
    "a consumer's version for production": (
        [number("Web", "2")], {"inferred_filter": IN_PRODUCTION}, True,
        ["Web 2 Mail 7 yes", "Web 2 Pay 11 yes"], [YES],
    ),
    "a consumer's version with the latest of all": (
        [number("Web", "2")], {"inferred_filter": LATEST}, False,
        ["Web 2 Mail 7 yes", "Web 2 Pay 12 no"], [NO_ENVIRONMENT, FAILED],
    ),
    "a version that production's provider has not verified": (
        [number("App", "1")], {"inferred_filter": IN_PRODUCTION}, None, ["App 1 Pay - ?"],
        ["The pact between App (1) and Pay has no verification result from any version of Pay currently in production"],
    ),
    "a provider's version for an environment with one of its consumers": (
        [number("Pay", "10")], {"inferred_filter": VersionFilter(environment="test")}, True,
        ["Web 1 Pay 10 yes"], [YES],
    ),
    "a provider's version that has not verified the consumer there": (
        [number("Pay", "12")], {"inferred_filter": VersionFilter(environment="test")}, None,
        ["Web 1 Pay - ?"], ["The pact between Web (1) and Pay has no verification result from any version 12 of Pay"],
    ),
    "a provider's version for an environment without its consumers": (
        [number("Pay", "12")], {"inferred_filter": IN_PRODUCTION}, True, [], ["There are no missing dependencies"],
    ),
    "a consumer's version that nobody has verified": (
        [number("App", "2")],
        {},
        None,
        ["App 2 Pay - ?"],
        [
            NO_ENVIRONMENT,
            "The pact between App (2) and Pay has no verification result from any version of Pay",
        ],
    ),
    "a consumer's version without pacts": (
        [number("Web", "3")], {}, None, [],
        [NO_ENVIRONMENT, "Web (3) has no pact: publish its pacts, or ask with rules=official if it needs none"],
    ),
    "a consumer's version without pacts by the official rules": (
        [number("Web", "3")], {"official_rules": True}, True, [],
        [NO_ENVIRONMENT, "There are no missing dependencies"],
    ),
    "a version that does not exist": (
        [number("Web", "9")], {}, False, [],
        [NO_ENVIRONMENT, "There is no version 9 of Web: publish it, or check its name and number"],
    ),
    "a provider's version that does not exist": (
        [number("Web", "1"), number("Pay", "99")], {}, False, ["Web 1 Pay - ?"],
        ["There is no version 99 of Pay: publish it, or check its name and number"],
    ),
    "all versions of a consumer": ([every("Web")], {}, False, WEB_2 + WEB_1, [NO_ENVIRONMENT, FAILED]),
    "all versions of both": ([every("Web"), every("Pay")], {}, False, WEB_2[1:] + WEB_1, [FAILED]),
    "the newest result of each consumer's version": (
        [every("Web"), every("Pay")], {"latestby": "cvp"}, False, ["Web 2 Pay 12 no", "Web 1 Pay 11 yes"], [FAILED],
    ),
    "only successes": (
        [every("Web"), every("Pay")], {"success": frozenset({True})}, True,
        ["Web 2 Pay 11 yes", "Web 2 Pay 10 yes", *WEB_1], [YES],
    ),
    "only failures": (
        [every("Web"), every("Pay")], {"success": frozenset({False})}, False, ["Web 2 Pay 12 no"], [FAILED],
    ),
    "the head of the main branch": ([("Web", MAIN_HEAD)], {}, False, WEB_2, [NO_ENVIRONMENT, NO_NUMBER, FAILED]),
    "the head of the main branch for production": (
        [("Web", MAIN_HEAD)], {"inferred_filter": IN_PRODUCTION}, True,
        ["Web 2 Mail 7 yes", "Web 2 Pay 11 yes"], [NO_NUMBER, YES],
    ),
    "a branch with several versions": (
        [("Web", ON_MAIN)], {}, False, WEB_2 + WEB_1, [NO_ENVIRONMENT, NO_NUMBER, FAILED],
    ),
    "a branch with several versions by the official rules": (
        [("Web", ON_MAIN)], {"official_rules": True}, True, [], [NO_NUMBER, "There are no missing dependencies"],
    ),
    "a branch and an environment": (
        [("Web", ON_MAIN), ("Pay", IN_PRODUCTION)], {}, True,
        ["Web 2 Pay 11 yes", "Web 1 Pay 11 yes"], [NO_NUMBER, YES],
    ),
    "all versions and a branch": (
        [every("Web"), ("Pay", ON_MAIN)],
        {},
        True,
        ["Web 2 Pay 10 yes", "Web 1 Pay 10 yes"],
        [NO_NUMBER, YES],
    ),
    "two versions of one pacticipant and one of another": (
        [number("Web", "1"), number("Web", "2"), number("Pay", "11")], {}, True,
        ["Web 2 Pay 11 yes", "Web 1 Pay 11 yes"], [YES],
    ),
    "all versions and one of them": (
        [every("Web"), number("Web", "2"), number("Pay", "11")], {}, True,
        ["Web 2 Pay 11 yes", "Web 1 Pay 11 yes"], [YES],
    ),
    "two consumers": (
        [number("Web", "1"), number("App", "1")], {}, True, [], ["There are no missing dependencies"],
    ),
    "one row of a version": ([number("Web", "2")], {"limit": 1}, False, WEB_2[:1], [NO_ENVIRONMENT, FAILED]),
    "some rows of all versions": (
        [every("Web"), every("Pay")], {"limit": 2}, False, WEB_2[1:3], [CUT_WARNING, FAILED],
    ),
    "some rows of all versions by the official rules": (
        [every("Web"), every("Pay")], {"limit": 2, "official_rules": True}, False, WEB_2[1:3], [FAILED],
    ),
    "as many rows as there are": ([every("Web"), every("Pay")], {"limit": 5}, False, WEB_2[1:] + WEB_1, [FAILED]),
}  # fmt: skip
