"""What no other room imports."""
