"""What only this room uses."""
