"""Permanent data: users, API keys, call records and consents, in SQLite or PostgreSQL."""
