"""A soak test: the whole stack runs for minutes under random faults, and invariants are checked."""
