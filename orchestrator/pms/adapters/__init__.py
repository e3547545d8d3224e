"""The adapters to PMS vendors."""
