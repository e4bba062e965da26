"""Fuzzing of what reads strangers' bytes, led by coverage (`make fuzz`): nothing fails, is of the wrong form, or slow.

Needs atheris, which only this asks for (`requirements/fuzz.in`); what it finds becomes an example of the test beside
the parser.
"""
