"""Backup, restore and check of a database file, while a broker uses it or not."""
