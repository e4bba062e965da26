"""Money is moved past every control of a payment system, for real in that program; and refunds as they should be.

The program is a stand-in on this machine, its money and its people made up. Nothing here goes near a real one.
"""
