"""The yearly information on the state of information security: composed, looked at, signed, filed, kept.

Clauses: R228/79 (every year, not later than the day fixed), R228/80 (its six sections).

`sections` says what each section is made of, `composing` puts a year together as of a moment, `document` says it in
one language, `typesetting` makes a PDF of that. The head of the security unit files what was shown (`operations`); the
worker composes it anew, and only what comes out alike is told to the regulator (`telling`).
"""
