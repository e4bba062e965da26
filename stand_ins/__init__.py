"""Programs that stand in for parties a demonstration does not have. They import nothing of senim and can misbehave.

They exist in a checkout only; production refuses whatever they have signed.
"""
