"""Is the house in order? Collects what each room can say of its own good order; owns no data.

What the database alone can tell is asked by the console (*Now*, *Doctor*) and by the worker that wakes people as well;
what only somebody at the machine can see (files, disk, clock, the door from outside) is asked by `senim doctor`.

Clauses: R228/81-13 (the lowest version of TLS, shown by handshakes).
"""
