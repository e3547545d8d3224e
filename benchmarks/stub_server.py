"""One stub in a process of its own: `python -m benchmarks.stub_server VENDOR checked|unchecked`."""

from __future__ import annotations

import sys

from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import StubServers


def main(vendor: str, checks: str) -> None:
    """Serve until killed."""
    servers = StubServers([create_stub_app(vendor, check=checks == "checked")])
    print(servers.urls[vendor], flush=True)
    servers.serve_while_parent_lives()


if __name__ == "__main__":
    main(*sys.argv[1:])
