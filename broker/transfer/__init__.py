"""Move the history of a broker to another one over the public protocol, in both directions."""
