"""Servers that play the vendors: strict, stateful, and controlled over HTTP."""
