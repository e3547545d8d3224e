"""What people look at: badges."""
