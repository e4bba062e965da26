"""What people see of the stand-in: pages made on the server, no script, nothing to press."""
