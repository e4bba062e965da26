"""A stand-in for whatever receives webhooks: a chat, another duty system. Believes what is signed and fresh alone."""
