"""A call, from its first ring to its record."""
