"""One package per vendor: the stub that answers in its place."""
