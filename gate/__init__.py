"""The deploy gate: from recorded pacts to a verdict, one command."""
