"""Settings of vendors that do not exist: enough to load the service's settings."""

from __future__ import annotations

DUMMY_VENDOR_SETTINGS = {
    "PMS_API_URL": "http://127.0.0.1:9",
    "PMS_IDENTITY_URL": "http://127.0.0.1:9",
    "PMS_CLIENT_ID": "client",
    "PMS_CLIENT_SECRET": "secret",
    "TTS_SERVICE_URL": "http://127.0.0.1:9",
    "TTS_API_KEY": "key",
    "LIVEKIT_URL": "http://127.0.0.1:9",
    "LIVEKIT_API_KEY": "key",
    "LIVEKIT_API_SECRET": "secret",
}
