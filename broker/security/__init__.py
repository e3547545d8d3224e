"""Who may use the broker: users and tokens, passwords, failed logins, and what each request needs."""
