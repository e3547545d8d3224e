"""Time limits, retries, circuit breakers and bulkheads for requests to other services; imports no vendor."""
