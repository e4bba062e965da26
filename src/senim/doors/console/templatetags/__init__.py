"""What templates of this door may use."""
