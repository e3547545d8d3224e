"""The vendors' own client libraries work unchanged against the stubs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import hvac
import pytest
from elevenlabs.client import ElevenLabs
from elevenlabs.core.api_error import ApiError
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest
from livekit import api
from livekit.protocol.sip import SIPInboundTrunkInfo

from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from provider_verification.stubs.vendors.vault.state import ROLE_ID, ROOT_TOKEN, SECRET_ID

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def livekit() -> Iterator[str]:
    """The base URL of LiveKit's stub."""
    with run_stubs(["livekit"]) as urls:
        yield urls["livekit"]


async def test_livekit_api_manages_rooms_and_dispatches(livekit: str) -> None:
    """A room and an agent dispatch are created and listed; a deleted room is gone. All requests are protobuf."""
    async with api.LiveKitAPI(livekit, API_KEY, API_SECRET) as lk:
        room = await lk.room.create_room(api.CreateRoomRequest(name="call-1", max_participants=2))
        rooms = await lk.room.list_rooms(api.ListRoomsRequest())
        dispatch = await lk.agent_dispatch.create_dispatch(
            api.CreateAgentDispatchRequest(agent_name="concierge", room="call-1")
        )
        dispatches = await lk.agent_dispatch.list_dispatch("call-1")
        await lk.room.delete_room(api.DeleteRoomRequest(room="call-1"))
        rooms_after_deletion = await lk.room.list_rooms(api.ListRoomsRequest())

    assert (room.name, room.max_participants) == ("call-1", 2)
    assert [listed.name for listed in rooms.rooms] == ["call-1"]
    assert dispatch.id in {listed.id for listed in dispatches}
    assert list(rooms_after_deletion.rooms) == []


async def test_livekit_api_raises_twirp_error(livekit: str) -> None:
    """A second trunk for the same number raises the Twirp code `invalid_argument`."""
    trunk = api.CreateSIPInboundTrunkRequest(trunk=SIPInboundTrunkInfo(name="hotel", numbers=["+4930111111"]))
    async with api.LiveKitAPI(livekit, API_KEY, API_SECRET) as lk:
        await lk.sip.create_inbound_trunk(trunk)
        with pytest.raises(api.TwirpError) as error:
            await lk.sip.create_inbound_trunk(trunk)

    assert error.value.code == "invalid_argument"


@pytest.fixture
def vault() -> Iterator[str]:
    """The base URL of Vault's stub."""
    with run_stubs(["vault"]) as urls:
        yield urls["vault"]


@contextmanager
def open_hvac(url: str, token: str | None = None) -> Iterator[hvac.Client]:
    """Open a client of Vault and close its connections at the end."""
    client = hvac.Client(url=url, token=token)
    try:
        yield client
    finally:
        client.adapter.close()


def test_hvac_manages_secret_versions(vault: str) -> None:
    """Login, write, check-and-set, read, list and delete work as with the real server."""
    with open_hvac(vault) as client:
        client.auth.approle.login(ROLE_ID, SECRET_ID)
        kv = client.secrets.kv.v2
        kv.create_or_update_secret("hotels/muc", {"key": "one"}, cas=0)
        kv.create_or_update_secret("hotels/muc", {"key": "two"}, cas=1)
        with pytest.raises(InvalidRequest):
            kv.create_or_update_secret("hotels/muc", {"key": "three"}, cas=1)
        read = kv.read_secret_version("hotels/muc", raise_on_deleted_version=True)
        kv.delete_latest_version_of_secret("hotels/muc")
        with pytest.raises(InvalidPath):
            kv.read_secret_version("hotels/muc", raise_on_deleted_version=True)

        assert (read["data"]["data"], read["data"]["metadata"]["version"]) == ({"key": "two"}, 2)
        assert client.is_authenticated()
        assert kv.list_secrets("hotels")["data"]["keys"] == ["muc"]


def test_hvac_raises_forbidden_and_reads_seal_status(vault: str) -> None:
    """An invalid token raises Forbidden; the health shows whether the server is sealed."""
    with open_hvac(vault, "bad") as unauthenticated, open_hvac(vault, ROOT_TOKEN) as root:
        with pytest.raises(Forbidden):
            unauthenticated.secrets.kv.v2.read_secret_version("x", raise_on_deleted_version=True)

        assert not unauthenticated.is_authenticated()
        assert root.sys.read_health_status(method="GET")["sealed"] is False


@pytest.fixture
def tts() -> Iterator[str]:
    """The base URL of the TTS vendor's stub."""
    with run_stubs(["tts"]) as urls:
        yield urls["tts"]


def test_elevenlabs_client_gets_audio_voices_and_models(tts: str) -> None:
    """Audio with and without alignment, a page of voices, and the models."""
    with httpx.Client() as http:
        client = ElevenLabs(base_url=tts, api_key="stub-tts-key", httpx_client=http)
        speech = client.text_to_speech.convert("concierge", text="Hello", output_format="mp3_44100_128")
        audio = b"".join(speech)
        aligned = client.text_to_speech.convert_with_timestamps("concierge", text="Hello")
        voices = client.voices.search(page_size=2)
        models = client.models.list()

    assert audio[:2] == b"\xff\xfb"
    assert aligned.alignment is not None
    assert aligned.alignment.characters == list("Hello")
    assert (len(voices.voices), voices.has_more) == (2, True)
    assert {model.model_id for model in models if model.can_do_text_to_speech} == {
        "eleven_v3",
        "eleven_multilingual_v2",
        "eleven_flash_v2_5",
        "eleven_turbo_v2_5",
        "eleven_flash_v2",
        "eleven_turbo_v2",
    }


def test_elevenlabs_client_raises_api_error(tts: str) -> None:
    """An invalid key raises the status and the vendor's error body."""
    with httpx.Client() as http, pytest.raises(ApiError) as error:
        ElevenLabs(base_url=tts, api_key="wrong", httpx_client=http).voices.search()

    assert error.value.status_code == 401
    assert error.value.body["detail"]["status"] == "invalid_api_key"
