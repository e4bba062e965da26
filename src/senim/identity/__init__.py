"""Who signs in: accounts, roles and permissions, second factors.

Clauses: R228/81-16 (two of three factors; built for clients later, kept by staff from the first day).

Staff only so far. Accounts born in the demonstration are marked as such and refused by production.
"""
