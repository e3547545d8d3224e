"""What the broker keeps, by concept: functions over the database, called inside a transaction when they write."""
