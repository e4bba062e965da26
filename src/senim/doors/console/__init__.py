"""The console: where the security office works, on an origin of its own."""
