"""Use cases: functions over the database that apply the rules of `broker.domain`; callers open the transaction."""
