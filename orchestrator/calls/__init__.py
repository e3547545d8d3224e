"""The call flow: events, call state, intents and replies. It knows no vendor, no SQL and no HTTP."""
