"""A stand-in for the system by which a bureau pays money back: refunds to clients and to lenders.

One person asks for a refund, a second one approves it, then it is executed; there is a limit of one refund and one of a
ledger's day. Of everything it does it writes an append-only journal, a JSON object a line, durable before it answers.
An old path that nobody took away asks none of this: through it money moves past every control (`old`), for exercises
to use. Money, people and accounts are made up; it serves this machine alone.
"""
