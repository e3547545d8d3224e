"""Replay of exchanges recorded from real servers against the stubs: statuses, error codes, keys and types."""
