"""The regulator channel, broken at every step: a message comes to the regulator once, in its turn, or waits by name.

Clauses: R228/81 (guaranteed delivery, or in electronic format), R228/81-1 (immediately), R228/81-2 (events).

Messages are put into the outbox as the worker does it, marked as exercises: the house is a demonstration of the bench's
own. What is broken is real: processes are killed and held still, limits of the kernel fill disks, the stand-in answers
wrongly on the wire. Aims: 0 lost, 0 doubled, 0 out of order, every refusal named.
"""
