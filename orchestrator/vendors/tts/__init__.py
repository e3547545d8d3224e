"""The TTS vendor: the ElevenLabs API."""
