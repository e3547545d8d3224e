"""Text to speech: voices, synthesis and the audio cache."""
