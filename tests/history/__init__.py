"""The history room."""
