"""Checks that the schemas claim only what the vendors' own specs allow."""
