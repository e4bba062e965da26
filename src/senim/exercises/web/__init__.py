"""Attacks over the web: a vulnerable application is exploited, doors are flooded and crowded, all on loopback.

The application is the decoy (`stand_ins.decoy`), a program of its own that exists for this alone, behind a real nginx
where one is installed. Every exercise is bounded in requests and in time and ends what it started.
"""
