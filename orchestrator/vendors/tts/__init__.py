"""ElevenLabs, the text-to-speech (TTS) vendor."""
