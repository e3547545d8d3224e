"""What `make stubs` starts with at Vault: the secret of an orchestrator, with the credentials of the other stubs."""

from __future__ import annotations

from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.state import Secret, VaultState

SECRETS = {
    "orchestrator": {
        "PMS_CLIENT_ID": "stub-client",
        "PMS_CLIENT_SECRET": "stub-secret",
        "MEWS_CLIENT_TOKEN": "made-up-client-token",
        "MEWS_ACCESS_TOKEN": "made-up-access-token",
        "TTS_API_KEY": "stub-tts-key",
        "LIVEKIT_API_KEY": "stubkey",
        "LIVEKIT_API_SECRET": "stub-secret-long-enough-for-any-hmac-signature-that-a-client-may-try",
    },
    "hotels/muc": {"door_code": "0000"},
}
"""The data of each secret by its path. No stub imports another, so the credentials are repeated; a test compares them."""


@stub.world
def furnish(state: VaultState) -> None:
    """Write each secret once; the provider state `no secret` takes them away."""
    for path, data in SECRETS.items():
        secret = state.secrets[path] = Secret()
        secret.write(dict(data))
