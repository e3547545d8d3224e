"""A server that sends prepared replies: the provider in front of the official verifier."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from contract_strength.capture import MESSAGES_PATH, STATES_PATH
from contract_strength.exchange import Reply, StateSetUp

HOST = "127.0.0.1"
CASE_PARAMETER = "contract_strength_case"
"""A parameter that each provider state of a case gets, which identifies the case of a state change."""
CASE_PATH = "/case/"


class ReplyServer(ThreadingHTTPServer):
    """Serves case `n` at `/case/n`, its message by the description `n`, and its provider states by a parameter.

    Args:
        cases: the reply and the provider states of each case.
    """

    daemon_threads = True
    # the verifier opens a connection for each request
    request_queue_size = 128

    def __init__(self, cases: Sequence[tuple[Reply, Sequence[StateSetUp]]]) -> None:
        super().__init__((HOST, 0), _Handler)
        self.cases = cases

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://{HOST}:{self.server_port}"

    def reply_to(self, path: str, body: bytes) -> Reply:
        """Return the reply to a request of the verifier."""
        if path == STATES_PATH:
            return self._state_values(body)
        if path == MESSAGES_PATH:
            return _as_message(self.cases[int(json.loads(body)["description"])][0])
        return self.cases[int(path.removeprefix(CASE_PATH))][0]

    def _state_values(self, body: bytes) -> Reply:
        change = json.loads(body)
        number = change.get("params", {}).get(CASE_PARAMETER)
        states = () if number is None else self.cases[int(number)][1]
        values = next((state.values for state in states if state.name == change["state"]), {})
        return Reply(200, (("content-type", "application/json"),), json.dumps(values).encode())


def _as_message(reply: Reply) -> Reply:
    metadata = json.dumps({"contentType": reply.header("content-type")}).encode()
    return Reply(
        200,
        (*reply.headers, ("Pact-Message-Metadata", base64.b64encode(metadata).decode())),
        reply.body,
        reply.missing_bytes,
    )


class _Handler(BaseHTTPRequestHandler):
    server: ReplyServer
    protocol_version = "HTTP/1.1"
    # header and body in one packet: otherwise each response waits 40 ms for an acknowledgement
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        reply = self.server.reply_to(self.path, body)
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("content-length", str(len(reply.body) + reply.missing_bytes))
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()
        if reply.missing_bytes:
            self.close_connection = True

    do_POST = do_GET  # noqa: N815 - the base class looks for this name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Log nothing: thousands of requests are expected."""


@contextmanager
def run_reply_server(cases: Sequence[tuple[Reply, Sequence[StateSetUp]]]) -> Iterator[ReplyServer]:
    """Serve the cases in a thread as long as the block."""
    with ReplyServer(cases) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
