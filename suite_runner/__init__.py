"""The runner of the suites in tests/integration: results per suite, quality gates, reports and history."""
