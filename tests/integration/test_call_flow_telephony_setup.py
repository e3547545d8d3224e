"""`python -m orchestrator telephony`: the trunks and dispatch rules of a hotel, from a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local_stack.orchestrator_command import RunningCommand, run_command, start_command
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from tests.integration.vendors import StubClients

NUMBER, OTHER_NUMBER = "+4989111111", "+4989222222"
PASSWORD = "first-password"
INBOUND = f"""
[[inbound_trunks]]
name = "reception"
numbers = ["{NUMBER}"]
auth_username = "muc"
auth_password_env = "SIP_PASSWORD"
"""
OUTBOUND = f"""
[[outbound_trunks]]
name = "provider"
address = "sip.example.org"
numbers = ["{NUMBER}"]
"""
RULE = """
[[dispatch_rules]]
name = "calls"
inbound_trunks = ["reception"]
agents = ["concierge"]
"""
HOTEL = 'hotel = "MUC"\n' + INBOUND + OUTBOUND + RULE
MARK = "voicehive-telephony:MUC/"
WRITES = ("Create", "Update", "Delete")


class Administrator:
    """Runs the commands with a file.

    Args:
        folder: where the file is.
        vendors: the stubs.
    """

    def __init__(self, folder: Path, vendors: StubClients) -> None:
        self._file = folder / "hotel.toml"
        self._vendors = vendors
        self.environment = {
            "LIVEKIT_URL": vendors.livekit.url,
            "LIVEKIT_API_KEY": API_KEY,
            "LIVEKIT_API_SECRET": API_SECRET,
            "SIP_PASSWORD": PASSWORD,
        }
        self.write(HOTEL)

    def write(self, text: str) -> None:
        """Write the file."""
        self._file.write_text(text, encoding="utf-8")

    def run(self, command: str, *options: str) -> tuple[int, str]:
        """Run a command without input; return its exit code and its output, which never contains a password."""
        code, output = run_command(["telephony", command, str(self._file), *options], self.environment)
        assert PASSWORD not in output
        return code, output

    def apply(self) -> str:
        """Apply the file; return the output."""
        code, output = self.run("apply", "--yes")
        assert code == 0, output
        return output

    @contextmanager
    def asked(self, command: str) -> Iterator[RunningCommand]:
        """Run a command until it has shown its plan and asks."""
        with start_command(["telephony", command, str(self._file)], self.environment) as running:
            running.read_until("[y/N]")
            yield running

    def writes(self) -> list[str]:
        """Return the operations with which the commands have changed something, in order."""
        operations = (request["operation"] for request in self._vendors.livekit.requests())
        return [operation for operation in operations if operation.startswith(WRITES)]

    def sent(self, operation: str) -> dict[str, Any]:
        """Return the body of an operation's last request."""
        body: dict[str, Any] = self._vendors.livekit.bodies(operation)[-1]
        return body


@pytest.fixture
def administrator(tmp_path: Path, vendors: StubClients) -> Administrator:
    """An administrator with a file of a hotel that LiveKit does not know."""
    return Administrator(tmp_path, vendors)


def answer(command: RunningCommand, text: str = "y") -> tuple[int, str]:
    """Answer the question of a command; return its exit code and its output."""
    command.write(f"{text}\n")
    return command.wait(), command.output


def test_apply_creates_what_the_plan_shows_and_then_nothing(administrator: Administrator) -> None:
    """The plan changes nothing; a second apply has nothing to do."""
    plan_code, plan = administrator.run("plan")
    after_plan = administrator.writes()
    applied = administrator.apply()
    again = administrator.apply()
    final_code, final = administrator.run("plan")

    assert (plan_code, after_plan) == (3, [])
    assert "  create     inbound trunk   reception\n" in plan
    assert "3 to create, 0 to update, 0 to delete, 0 unchanged" in plan
    assert "created dispatch rule calls: SDR_" in applied
    assert administrator.writes() == [
        "CreateSIPInboundTrunk",
        "CreateSIPOutboundTrunk",
        "CreateSIPDispatchRule",
    ]
    trunk = administrator.sent("CreateSIPInboundTrunk")["trunk"]
    assert (trunk["name"], trunk["metadata"]) == ("MUC/reception", f"{MARK}reception")
    assert (trunk["auth_username"], trunk["auth_password"]) == ("muc", PASSWORD)
    rule = administrator.sent("CreateSIPDispatchRule")["dispatch_rule"]
    assert rule["rule"] == {"dispatch_rule_individual": {"room_prefix": "call-"}}
    assert rule["room_config"] == {"agents": [{"agent_name": "concierge"}]}
    assert f"created inbound trunk reception: {rule['trunk_ids'][0]}" in applied
    assert again.endswith("Nothing to do.\n")
    assert (final_code, "0 to create, 0 to update, 0 to delete, 3 unchanged" in final) == (0, True)


def test_changed_fields_are_shown_and_replaced(administrator: Administrator) -> None:
    """Each field that differs is named, a password without its value; afterwards nothing differs."""
    administrator.apply()
    changed = HOTEL.replace(NUMBER, OTHER_NUMBER).replace("sip.example.org", "sip2.example.org")
    administrator.write(changed.replace('"concierge"', '"night"'))
    administrator.environment["SIP_PASSWORD"] = "second-password"

    output = administrator.apply()
    code, _ = administrator.run("plan")

    assert f"               numbers: {NUMBER} -> {OTHER_NUMBER}\n" in output
    assert "               auth_password: changed\n" in output
    assert "               address: sip.example.org -> sip2.example.org\n" in output
    assert "               agents: concierge -> night\n" in output
    assert "second-password" not in output
    assert administrator.writes()[3:] == [
        "UpdateSIPInboundTrunk",
        "UpdateSIPOutboundTrunk",
        "UpdateSIPDispatchRule",
    ]
    assert code == 0


def test_only_what_the_file_created_is_deleted(administrator: Administrator, vendors: StubClients) -> None:
    """Neither apply nor remove touches the objects of others, or those of another hotel's file."""
    foreign = {"ST_manual": "", "ST_berlin": "voicehive-telephony:MUC2/reception"}
    for number, (trunk, metadata) in enumerate(foreign.items()):
        vendors.livekit.set_provider_state(
            "an inbound trunk", id=trunk, number=f"+493000000{number}", metadata=metadata
        )
    administrator.apply()
    administrator.write('hotel = "MUC"\n' + INBOUND + RULE)

    applied = administrator.apply()
    code, removed = administrator.run("remove", "--yes")
    again = administrator.run("remove", "--yes")

    assert "deleted outbound trunk provider: ST_" in applied
    assert (code, administrator.writes()[3:]) == (
        0,
        ["DeleteSIPTrunk", "DeleteSIPDispatchRule", "DeleteSIPTrunk"],
    )
    assert not any(trunk in applied + removed for trunk in foreign)
    assert again == (0, "0 to create, 0 to update, 0 to delete, 0 unchanged\nNothing to do.\n")


def test_foreign_objects_in_the_way_are_named(administrator: Administrator, vendors: StubClients) -> None:
    """LiveKit would accept both changes: a trunk that gets a number of another one, and two rules for one trunk."""
    administrator.apply()
    trunk_id = administrator.sent("CreateSIPDispatchRule")["dispatch_rule"]["trunk_ids"][0]
    vendors.livekit.set_provider_state("an inbound trunk", id="ST_manual", number=OTHER_NUMBER)
    vendors.livekit.set_provider_state("a dispatch rule", id="SDR_manual", trunk=trunk_id)
    administrator.write(HOTEL.replace(NUMBER, OTHER_NUMBER))

    code, output = administrator.run("apply", "--yes")

    assert (code, len(administrator.writes())) == (1, 3)
    assert (
        f"inbound trunk reception: calls to {OTHER_NUMBER} go to inbound trunk ST_manual ('hotel')" in output
    )
    assert "inbound trunk reception: its calls go to dispatch rule SDR_manual ('calls')" in output
    assert "This cannot be applied; nothing was changed." in output


def test_number_that_is_taken_after_the_plan_is_an_error(
    administrator: Administrator, vendors: StubClients
) -> None:
    """Somebody else creates a trunk while the administrator reads the plan; the next plan names it."""
    with administrator.asked("apply") as applying:
        vendors.livekit.set_provider_state("an inbound trunk", id="ST_manual", number=NUMBER)
        code, output = answer(applying)

    assert code == 1
    assert (
        "inbound trunk reception was not created: livekit CreateSIPInboundTrunk: responded with 400" in output
    )
    assert "run 'plan' again, it names what is in the way" in output
    assert "0 of 3 changes were made; the next 'apply' makes the rest." in output
    assert "ST_manual" in administrator.run("plan")[1]


def test_next_apply_completes_one_that_broke_off(administrator: Administrator, vendors: StubClients) -> None:
    """A trunk whose creation was not confirmed is found by its mark and not created again."""
    vendors.livekit.inject_fault("reset", "CreateSIPOutboundTrunk", times=1)

    code, output = administrator.run("apply", "--yes")
    completed = administrator.apply()

    assert (code, "created inbound trunk reception" in output) == (1, True)
    assert "outbound trunk provider was not created: livekit CreateSIPOutboundTrunk: no response" in output
    assert "1 of 3 changes were made; the next 'apply' makes the rest." in output
    assert "1 to create, 0 to update, 0 to delete, 2 unchanged" in completed
    assert administrator.writes() == [
        "CreateSIPInboundTrunk",
        "CreateSIPOutboundTrunk",
        "CreateSIPDispatchRule",
    ]


def test_trunk_that_gets_a_rule_after_the_plan_is_an_error(
    administrator: Administrator, vendors: StubClients
) -> None:
    """The trunk exists already, and somebody else adds a rule for it while the administrator reads the plan."""
    vendors.livekit.inject_fault("status", "CreateSIPDispatchRule", status=429, times=1)
    administrator.run("apply", "--yes")
    trunk_id = administrator.sent("CreateSIPDispatchRule")["dispatch_rule"]["trunk_ids"][0]

    with administrator.asked("apply") as applying:
        vendors.livekit.set_provider_state("a dispatch rule", id="SDR_manual", trunk=trunk_id)
        code, output = answer(applying)

    assert code == 1
    assert "dispatch rule calls was not created: livekit CreateSIPDispatchRule: responded with 400" in output
    assert "SDR_manual" in administrator.run("plan")[1]


def test_two_administrators_remove_at_once(administrator: Administrator) -> None:
    """What the other one has deleted is gone, which is no error."""
    administrator.apply()

    with administrator.asked("remove") as first:
        second_code, _ = administrator.run("remove", "--yes")
        code, output = answer(first)

    assert (second_code, code) == (0, 0), output
    assert "deleted dispatch rule calls: SDR_" in output


@pytest.mark.parametrize("text", ["n\n", None])
def test_nothing_is_changed_without_a_confirmation(administrator: Administrator, text: str | None) -> None:
    """The administrator declines, or nobody can answer."""
    with administrator.asked("apply") as applying:
        applying.write(text) if text else applying.end_input()
        code = applying.wait()

    assert (code, administrator.writes()) == (1, [])
    assert "Nothing was changed; --yes changes it without asking." in applying.output


def test_wrong_credentials_are_an_error(administrator: Administrator) -> None:
    """LiveKit rejects a token that another secret signed."""
    administrator.environment["LIVEKIT_API_SECRET"] = "another-secret-that-is-long-enough-for-a-signature"

    code, output = administrator.run("plan")

    assert code == 1
    assert "LiveKit does not accept LIVEKIT_API_KEY and LIVEKIT_API_SECRET" in output
    assert "another-secret" not in output


def test_unreachable_livekit_is_an_error(administrator: Administrator) -> None:
    """The message names the variable with the address, without a log line or a traceback."""
    administrator.environment["LIVEKIT_URL"] = "http://127.0.0.1:9"

    code, output = administrator.run("plan")

    assert code == 1
    assert output.startswith("livekit ListSIPInboundTrunk: no response: LIVEKIT_URL should be the address")


def test_invalid_file_and_environment_are_usage_errors(administrator: Administrator) -> None:
    """All problems of the file at once; LiveKit is not asked. Only `remove` needs no passwords."""
    del administrator.environment["SIP_PASSWORD"]
    missing_password = administrator.run("plan")
    without_password = administrator.run("remove", "--yes")
    administrator.write(HOTEL.replace(NUMBER, "089111111").replace('"sip.', '"sip:sip.'))
    invalid_file = administrator.run("apply", "--yes")
    del administrator.environment["LIVEKIT_URL"]
    missing_url = administrator.run("plan")

    assert (missing_password[0], without_password[0], invalid_file[0], missing_url[0]) == (2, 0, 2, 2)
    assert (
        "inbound_trunks[0].auth_password_env: the environment variable 'SIP_PASSWORD' should hold"
        in (missing_password[1])
    )
    assert [line.split(":")[0].strip() for line in invalid_file[1].splitlines()] == [
        "the file is not valid",
        "inbound_trunks[0].numbers[0]",
        "inbound_trunks[0].auth_password_env",
        "outbound_trunks[0].numbers[0]",
        "outbound_trunks[0].address",
    ]
    assert missing_url[1] == "LIVEKIT_URL: is missing\n"
    assert administrator.writes() == []
