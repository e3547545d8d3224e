"""State with a time to live: calls, sessions, rate limits; in Redis or in the memory of one process."""
