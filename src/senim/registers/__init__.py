"""Registers: lists that people of the bureau keep by hand, each entry with an owner, whose past can be read again.

A room describes what its register holds (`register.Register`) and does no more; here entries are written, followed by
new versions, ended, read as of any moment, brought in from a file, and asked what they lack.

Clauses: R228/80 (the yearly information is put together from registers).
"""
