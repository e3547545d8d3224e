"""Outbound calls: wake-up calls and call-backs, from their order to the guest who answers."""
