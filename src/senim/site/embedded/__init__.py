"""Engines that run as children of the supervisor when the bureau brings none of its own: PostgreSQL and NATS."""
