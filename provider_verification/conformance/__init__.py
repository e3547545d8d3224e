"""Whether our schemas claim only what the vendors' own specs allow."""
