"""The only code that speaks to vendors: one folder each, one error taxonomy for all."""
