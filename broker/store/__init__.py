"""SQL by concept: functions over the database that return rows; callers open the transaction when they write."""
