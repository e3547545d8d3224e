"""The calls' media server: LiveKit."""
