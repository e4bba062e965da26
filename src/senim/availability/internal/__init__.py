"""What nobody outside the room imports."""
