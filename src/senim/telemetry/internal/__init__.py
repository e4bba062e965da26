"""How the collector works; nobody else imports this."""
