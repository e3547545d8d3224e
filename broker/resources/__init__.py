"""The broker's HTTP resources, by concept: parse, call the store or the judgement, answer in HAL."""
