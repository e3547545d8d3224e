"""Faults of a network and of a vendor as data, and the TCP proxy that injects those that HTTP cannot express."""
