"""How detection works: rules, predicates, correlation. Nobody else imports this."""
