"""The hotel's property management system, whichever it is."""
