"""The control API of a stub, the report of violations, and its command line."""
