"""Understanding what a guest says: the parameters of an intent from text."""
