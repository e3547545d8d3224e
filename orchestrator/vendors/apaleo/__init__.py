"""The hotel's PMS: Apaleo."""
