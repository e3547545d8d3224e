"""Speaking a reply in the room of a call."""

from __future__ import annotations

import json

from orchestrator.calls.call import Call
from orchestrator.calls.degradation import DegradationLog
from orchestrator.calls.phrases import render_phrase
from orchestrator.calls.ports import Speech, Telephony
from orchestrator.calls.reply import Reply

SPEECH_DATA_TOPIC = "speech"
AGENT_AUDIO_FORMAT = "ulaw"
"""The format in which the voice agent requests the audio: G.711, the codec of telephone lines."""


class ReplySpeaker:
    """Lets the voice agent in the room speak a reply.

    Args:
        speech: synthesizes the audio.
        telephony: delivers the text to the agent.
    """

    def __init__(self, speech: Speech, telephony: Telephony) -> None:
        self._speech = speech
        self._telephony = telephony

    async def speak(self, call: Call, reply: Reply, degradation: DegradationLog) -> str:
        """Return the text of the reply after sending it to the agent; without audio the agent still gets the text.

        Nothing is sent if the call has no room or has ended meanwhile.
        """
        text = render_phrase(call.language, reply.phrase_key, reply.phrase_values)
        if call.room_name and call.status == "active":
            # before the agent gets the text, so that its audio request is answered at once
            warm = self._speech.warm_cache(text, call.language, AGENT_AUDIO_FORMAT, call.hotel_id)
            await degradation.run_or_degrade(warm)
            await degradation.run_or_degrade(self._send_to_agent(call.room_name, text, call))
        return text

    async def _send_to_agent(self, room_name: str, text: str, call: Call) -> None:
        # what the agent sends to /tts/synthesize
        message = {
            "text": text,
            "language": call.language,
            "format": AGENT_AUDIO_FORMAT,
            "hotel_id": call.hotel_id,
        }
        await self._telephony.send_data(room_name, json.dumps(message).encode(), topic=SPEECH_DATA_TOPIC)
