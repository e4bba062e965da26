"""How long a session lasts. All of these are our choice, named here and nowhere else."""

from datetime import timedelta

IDLE = timedelta(minutes=30)
"""Nothing done for so long ends it: long enough to read evidence, short enough for a desk that somebody has left."""
LONGEST = timedelta(hours=12)
"""It ends after so long whatever is done in it: one shift, so that what was stolen today is worth nothing tomorrow."""
HALF_WAY = timedelta(minutes=15)
"""Between the password and the code: time to find the telephone."""
