"""A stand-in for the bureau's mail server: takes letters by SMTP, after STARTTLS alone, and delivers to nobody."""
