"""LiveKit, the media server that carries the calls."""
