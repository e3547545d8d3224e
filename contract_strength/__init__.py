"""How strong the contracts are: responses, requests, clients and decisions are mutated, and what catches each is counted."""
