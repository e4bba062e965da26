"""How the history is stored and asked; nobody else imports this."""
