"""Whether the bureau's services answer: samples, outages, what people decide about them.

Clauses: R228/81-1(6).
"""
