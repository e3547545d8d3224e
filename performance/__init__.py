"""Performance regressions: the speed of two versions, or of one and a stored baseline, compared with known power."""
