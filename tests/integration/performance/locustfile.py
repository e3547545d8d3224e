"""The mixed workload, sent by locust.

    export LOAD_EMAIL=… LOAD_PASSWORD=… LOAD_WEBHOOK_SECRET=…
    python -m locust -f tests/integration/performance/locustfile.py --headless --host URL --users 8 --run-time 60s

With several machines, each needs a checkout and these variables: start the master with `--master --expect-workers 2` and the
options above, and on each machine `python -m locust -f tests/integration/performance/locustfile.py --worker
--master-host ADDRESS`.

A response that the service's OpenAPI document does not allow for its operation is a failure, as is every 5xx.
"""

from __future__ import annotations

import json
import os
import random
import time
import uuid
from typing import Any

from locust import FastHttpUser, task
from locust.contrib.fasthttp import FastResponse

from tests.integration.performance.response_contract import ResponseContract
from tests.integration.performance.workload import RESERVATIONS, SHARES, call_events
from tests.integration.webhooks import sign_livekit

EVENTS, SPEECH = "/webhook/call-event", "/tts/synthesize"
KEY_PERMISSIONS = ["call:start", "call:end"]
ROOM_SID = "RM_load"


class Hotel(FastHttpUser):
    """One line of the telephone system, with what else happens meanwhile."""

    def on_start(self) -> None:
        """Log in, create the API key of the telephone system, and read the contract."""
        self.random = random.Random(uuid.uuid4().int)  # noqa: S311 - not for security
        self.contract = ResponseContract(self.client.get("/openapi.json").json())
        tokens = self._log_in()
        self.admin = {"Authorization": f"Bearer {tokens['access_token']}"}
        key = {"name": "load", "service_name": "load", "permissions": KEY_PERMISSIONS}
        created = self._send("POST", "/auth/api-keys", json=key, headers=self.admin).json()
        self.service = {"X-API-Key": created["key"]}
        # however slow the machine is, each user runs one whole call
        self.run_call()

    @task(100)
    def run_call(self) -> None:
        """Run a call; the agent requests the audio of each reply, and LiveKit closes the room."""
        call_id = f"load-{uuid.uuid4().hex}"
        for event in call_events(self.random, call_id):
            response = self._send("POST", EVENTS, event["event"], json=event, headers=self.service)
            reply = response.json().get("reply") if response.status_code == 200 else None
            if reply:
                speech = {"text": reply, "format": "ulaw"}
                self._send("POST", SPEECH, json=speech, headers=self.service)
        self._close_room(call_id)

    @task(SHARES["webhook"])
    def change_reservation(self) -> None:
        """Deliver a webhook of Apaleo."""
        event = {
            "topic": "Reservation",
            "type": "changed",
            "id": str(uuid.uuid4()),
            "timestamp": int(time.time() * 1000),
            "accountId": "LOAD",
            "propertyId": "MUC",
            "data": {"entityId": self.random.choice(RESERVATIONS)},
        }
        path = f"/v1/apaleo/webhook?secret={os.environ['LOAD_WEBHOOK_SECRET']}"
        self._send("POST", "/v1/apaleo/webhook", url=path, json=event)

    @task(SHARES["session"])
    def use_console(self) -> None:
        """Log in, look at the profile twice and renew the token twice."""
        tokens = self._log_in()
        for _ in range(2):
            headers = {"Authorization": f"Bearer {tokens['access_token']}"}
            self._send("GET", "/auth/profile", headers=headers)
            tokens = self._send(
                "POST", "/auth/refresh", json={"refresh_token": tokens["refresh_token"]}
            ).json()

    @task(SHARES["export"])
    def export_subject(self) -> None:
        """Export the data of a caller."""
        self._send("GET", "/gdpr/export/{subject}", url=f"/gdpr/export/{self._phone()}", headers=self.admin)

    @task(SHARES["consent"])
    def record_consent(self) -> None:
        """Store the consent of a caller."""
        body = {"subject": self._phone(), "purpose": "recording", "granted": True}
        self._send("POST", "/gdpr/consent", json=body, headers=self.admin)

    @task(SHARES["health"])
    def check_health(self) -> None:
        """Probe the service."""
        self._send("GET", "/healthz")

    @task(SHARES["metrics"])
    def scrape(self) -> None:
        """Scrape the metrics."""
        self._send("GET", "/metrics")

    def _log_in(self) -> dict[str, Any]:
        credentials = {"email": os.environ["LOAD_EMAIL"], "password": os.environ["LOAD_PASSWORD"]}
        tokens: dict[str, Any] = self._send("POST", "/auth/login", json=credentials).json()
        return tokens

    def _close_room(self, call_id: str) -> None:
        event = {"event": "room_finished", "id": f"EV_{call_id}", "createdAt": int(time.time())}
        body = json.dumps(event | {"room": {"sid": ROOM_SID, "name": f"call-{call_id}"}}).encode()
        headers = {"Authorization": sign_livekit(body), "Content-Type": "application/webhook+json"}
        self._send("POST", "/v1/livekit/webhook", data=body, headers=headers)

    def _phone(self) -> str:
        return f"+4930{self.random.randrange(10**6):06}"

    def _send(self, method: str, route: str, kind: str = "", **options: Any) -> FastResponse:
        """Send a request and check the response; `kind` distinguishes requests of one route in the statistics."""
        url = options.pop("url", route)
        name = f"{method} {route}" + (f": {kind}" if kind else "")
        with self.client.request(method, url, name=name, catch_response=True, **options) as managed:
            response: FastResponse = managed
            content_type = str(response.headers.get("Content-Type", "")) if response.headers else ""
            status, body = response.status_code, response.content or b""
            # status 0: no response came, which locust counts itself
            if status and (error := self.contract.find_error(method, route, status, content_type, body)):
                managed.failure(error)
        return response
