"""One package per vendor: the stub that responds in its place."""
