"""Stub servers of the vendors: strict, stateful, and controlled over HTTP."""
