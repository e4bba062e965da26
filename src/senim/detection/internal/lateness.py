"""How late an event may come and still be counted with its neighbours."""

LATENESS_S = 300
"""How much later than its neighbours an event may be read and still be counted with them."""
