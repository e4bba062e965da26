"""What nobody else imports."""
