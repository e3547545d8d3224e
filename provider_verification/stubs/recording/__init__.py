"""Records what goes over the wire between clients and stubs as an HTTP archive (HAR)."""
