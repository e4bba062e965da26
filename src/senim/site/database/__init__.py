"""The database as the house uses it: connections, roles, grants, migration."""
