"""The broker's HTTP resources: read the request, call the store or a service, respond in HAL."""
