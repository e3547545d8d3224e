"""`python -m local_stack`: run the orchestrator with stub vendors and print a tour."""

from __future__ import annotations

import signal
import sys
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import httpx
import typer

from local_stack.orchestrator_process import StartError
from local_stack.stack import ADMIN, Stack, run_stack

FOLDER = Path("build/run")
RESERVATION_ID = "XPGMSXGF-1"


def main(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="the orchestrator's port; 0 takes a free one")
    ] = 8080,
) -> None:
    """Run the orchestrator with stub vendors until it is stopped, and print a tour."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell ignores SIGINT for background jobs
        signal.signal(number, signal.default_int_handler)
    try:
        with run_stack(FOLDER.resolve(), {}, port) as stack:
            _seed_reservation(stack)
            typer.echo(tour_commands(stack.url))
            threading.Event().wait()
    except KeyboardInterrupt:
        typer.echo("stopped")
    except (StartError, OSError) as error:
        sys.exit(f"cannot start: {error}")


def _seed_reservation(stack: Stack) -> None:
    """Create a reservation that the tour can look up."""
    state = {
        "state": "a reservation",
        "params": {"id": RESERVATION_ID, "status": "InHouse", "unit": "MUC-101"},
    }
    httpx.post(f"{stack.stub_urls['apaleo']}/_stub/states", json=state).raise_for_status()


def tour_commands(url: str) -> str:
    """Return shell commands that play a whole call."""
    arrival = date.today() + timedelta(days=30)  # noqa: DTZ011 - any future day is valid
    stay = f'"arrival": "{arrival}", "departure": "{arrival + timedelta(days=2)}", "adults": 2'
    return f"""
The orchestrator runs at {url} with stubs of Apaleo, LiveKit and the TTS vendor. Stop it with Ctrl-C.
In another terminal:

URL={url}
TOKEN=$(curl -s $URL/auth/login -H 'Content-Type: application/json' \\
    -d '{{"email": "{ADMIN[0]}", "password": "{ADMIN[1]}"}}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
event() {{ curl -s $URL/webhook/call-event -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d "$1"; echo; }}

# a guest calls and is greeted by name
event '{{"event": "call.started", "call_id": "tour-1", "from_number": "+4930123456", "to_number": "+498912345", "timestamp": "2027-05-01T10:00:00+02:00", "metadata": {{"hotel_id": "MUC"}}}}'
# the guest asks about the stay, orders breakfast, and asks for another stay
event '{{"event": "call.interaction", "call_id": "tour-1", "interaction_type": "guest_info_request", "guest_input": "When do I leave?", "timestamp": "2027-05-01T10:00:10+02:00"}}'
event '{{"event": "call.interaction", "call_id": "tour-1", "interaction_type": "room_service_request", "guest_input": "Breakfast in my room, please", "timestamp": "2027-05-01T10:00:20+02:00"}}'
event '{{"event": "call.interaction", "call_id": "tour-1", "interaction_type": "availability_request", "guest_input": "I want to come back", "parameters": {{{stay}}}, "timestamp": "2027-05-01T10:00:30+02:00"}}'
# the guest hangs up
event '{{"event": "call.ended", "call_id": "tour-1", "duration": 40, "timestamp": "2027-05-01T10:00:40+02:00"}}'
# speech, and the metrics of the service
curl -s $URL/tts/synthesize -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{{"text": "Good evening.", "language": "en"}}' -o build/run/greeting.mp3
curl -s $URL/metrics | grep -E '^(call|vendor_requests)'
"""


if __name__ == "__main__":
    typer.run(main)
