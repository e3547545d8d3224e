"""`python -m benchmarks.stub_server VENDOR checked|unchecked`: run one stub with or without validation."""

from __future__ import annotations

import sys

from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import StubServers


def main(vendor: str, checks: str) -> None:
    """Serve until killed; print the URL in the first line."""
    servers = StubServers([create_stub_app(vendor, check=checks == "checked")])
    print(servers.urls[vendor], flush=True)
    servers.serve_while_parent_lives()


if __name__ == "__main__":
    main(*sys.argv[1:])
