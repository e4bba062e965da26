"""A decoy: a small web application that is deliberately vulnerable, for exercises to exploit for real.

It stands in for an application of a bureau that has faults. It plants canaries, values that no page shows, and says in
its security log when one leaves. Loopback only. What an attacker reaches through its faults is made up and in memory:
SQLite without files, a folder that is a dictionary, templates that know four words. It starts no program and opens no
file but its logs, which it was told when it was started.
"""
