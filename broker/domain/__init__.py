"""Decisions as pure functions over plain values: no database, no HTTP."""
