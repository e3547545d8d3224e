"""The VoiceHive Hotels orchestrator: it answers a hotel's phone."""
