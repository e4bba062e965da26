"""The management system of information security: its scope, who takes part, its documents, what was done to comply.

Clauses: R228/80(1) (scope and participants), R228/80(2) (documents), R228/80(6) (measures carried out).
"""
