"""A stand-in for an SMS gateway: takes letters as JSON over HTTPS, and rings nobody."""
