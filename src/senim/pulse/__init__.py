"""Which process of the house works and which stands still: each says so itself, as its loop goes round.

A process that runs and does nothing looks from outside like one that has nothing to do. So the loop that does the work,
and no thread beside it, writes every few seconds that it has come round.
"""
