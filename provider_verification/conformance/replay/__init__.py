"""Exchanges recorded from real servers, played to the stubs: same statuses, same error codes, same keys and types."""
