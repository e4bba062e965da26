"""Everything that can go wrong, while five hundred attacks run: nothing is lost, nothing is told twice.

Aims: 0 lost, 0 doubled, 0 out of order, 0 silent hours.
"""
