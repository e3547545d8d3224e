"""A receiver of alerts on loopback: it plays PagerDuty and Slack."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.integration.waiting import wait_until

PAGERDUTY_PATH = "/v2/enqueue"
SLACK_PATH = "/services/T000/B000/slack-webhook-secret"
ROUTING_KEY = "pagerduty-routing-key-of-32-char"
SUCCESS_STATUSES = {PAGERDUTY_PATH: 202, SLACK_PATH: 200}


@dataclass
class AlertReceiver:
    """Received requests, and the responses to the next ones.

    Args:
        url: the base URL.
        requests: path, body and headers of each request.
        rejections: the statuses of PagerDuty's next responses, by condition.
        accepting: while it is not set, no request gets a response.
    """

    url: str
    requests: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    rejections: dict[str, list[int]] = field(default_factory=dict)
    accepting: threading.Event = field(default_factory=threading.Event)

    @property
    def settings(self) -> dict[str, str]:
        """The variables that make a service send its alerts here."""
        return {
            "PAGERDUTY_EVENTS_URL": self.url + PAGERDUTY_PATH,
            "PAGERDUTY_ROUTING_KEY": ROUTING_KEY,
            "SLACK_WEBHOOK_URL": self.url + SLACK_PATH,
            "ALERT_CHECK_SECONDS": "0.1",
            "ALERT_REPEAT_SECONDS": "3600",
        }

    def bodies(self, path: str, text: str = "") -> list[dict[str, Any]]:
        """Return the bodies received at a path that contain a text, oldest first."""
        return [body for got, body, _ in list(self.requests) if got == path and text in json.dumps(body)]

    def events(self, condition: str) -> list[dict[str, Any]]:
        """Return PagerDuty's events about a condition."""
        return [body for body in self.bodies(PAGERDUTY_PATH) if _condition(body) == condition]

    def actions(self, condition: str) -> list[str]:
        """Return the actions of PagerDuty's events about a condition."""
        return [event["event_action"] for event in self.events(condition)]

    def messages(self, condition: str) -> list[str]:
        """Return Slack's messages about a condition."""
        return [body["text"] for body in self.bodies(SLACK_PATH, f"\\n{condition} ")]

    def wait_for_actions(self, condition: str, *actions: str) -> None:
        """Wait until the events about a condition are these, at both channels."""
        wait_until(
            lambda: self.actions(condition) == [*actions] and len(self.messages(condition)) == len(actions),
            f"{condition}: {actions}",
        )


def _condition(body: dict[str, Any]) -> str:
    """Return the condition of PagerDuty's event; empty for a message to Slack."""
    return str(body.get("dedup_key", "")).rpartition("/")[2]


@contextmanager
def alert_receiver() -> Iterator[AlertReceiver]:
    """Run a receiver for the duration of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep the request and answer it."""
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            receiver.requests.append((self.path, body, dict(self.headers)))
            receiver.accepting.wait()
            rejections = receiver.rejections.get(_condition(body))
            self.send_response(rejections.pop(0) if rejections else SUCCESS_STATUSES[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = AlertReceiver(f"http://127.0.0.1:{server.server_port}")
        receiver.accepting.set()
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.accepting.set()
            server.shutdown()
            thread.join()
