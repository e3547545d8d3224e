"""`python -m performance.stub_process`: the stub vendors in a process of their own, shared by all versions."""

from __future__ import annotations

import json

from local_stack.stack import VENDORS, stub_environment
from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import StubServers


def main() -> None:
    """Print the URLs and the orchestrator's variables as JSON in the first line, and serve until the parent ends."""
    servers = StubServers([create_stub_app(vendor) for vendor in VENDORS])
    # flushed, because the parent waits for this line at a pipe
    print(json.dumps({"urls": servers.urls, "environment": stub_environment(servers)}), flush=True)  # noqa: T201
    servers.serve_while_parent_lives()


if __name__ == "__main__":
    main()
