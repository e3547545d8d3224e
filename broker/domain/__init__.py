"""What the broker decides, as functions over plain values: no SQL, no HTTP."""
