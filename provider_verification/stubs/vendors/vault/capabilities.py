"""What a token is allowed to do on a path, as Vault reports it."""

from __future__ import annotations

import re

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.responses import invalid_field, success_envelope
from provider_verification.stubs.vendors.vault.state import Token, VaultState

CAPABILITIES = (
    (re.compile(r"secret/data/(?P<path>.+)"), ["create", "delete", "patch", "read", "update"]),
    (re.compile(r"secret/metadata/(?P<path>.*)"), ["create", "delete", "list", "patch", "read", "update"]),
    (re.compile(r"secret/(?:delete|undelete|destroy)/(?P<path>.+)"), ["update"]),
    (re.compile(r"secret/subkeys/(?P<path>.+)"), ["read"]),
    (re.compile(r"auth/token/lookup-self"), ["read"]),
    (re.compile(r"auth/token/(?:renew|revoke)-self|sys/capabilities-self"), ["update"]),
)
"""What the stub's policy `app` and Vault's `default` allow, by path."""


@stub.operation("capabilitiesSelf")
@stub.operation("capabilitiesSelfPut")
def capabilities_self(state: VaultState, request: StubRequest) -> StubResponse:
    """The capabilities of the caller's token on each path, in the body's top level as well as in `data`."""
    paths = request.body.get("paths") or request.body.get("path")
    paths = [paths] if isinstance(paths, str) else paths
    if not paths:
        return invalid_field("paths", "paths must be supplied")
    token = state.tokens[request.principal]
    data = {path: _capabilities(state, token, path) for path in paths}
    if len(paths) == 1:
        # Vault's source: kept for clients from the time when only one path could be asked for.
        data["capabilities"] = data[paths[0]]
    return ok({**data, **success_envelope(data)})


def _capabilities(state: VaultState, token: Token, path: str) -> list[str]:
    if token.is_root:
        return ["root"]
    for pattern, capabilities in CAPABILITIES:
        match = pattern.fullmatch(path)
        if match:
            is_denied = state.deny_all or match.groupdict().get("path") in state.denied_paths
            return ["deny"] if is_denied else capabilities
    return ["deny"]
