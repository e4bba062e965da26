"""How something that a person or an attacker wrote gets into a question: as hexadecimal digits, never as text.

DataFusion takes whole statements only, and a statement could do more than ask: `CREATE EXTERNAL TABLE` reads files,
`COPY … TO` writes them. So no text is ever quoted or escaped here. `word` writes it as the literal of its bytes, in
which nothing but 0-9 and a-f can stand whatever the text holds; moments and numbers are written as whole numbers.
The engine computes the literal before it plans, so files are still passed over by their statistics.

Nothing is a pattern either: what is sought is sought literally, by `contains` and `starts_with`.
"""

from datetime import datetime

from senim.history.internal.columns import microseconds


def word(text: str) -> str:
    """`text` as an expression of a statement."""
    return f"CAST(X'{text.encode('utf-8', 'replace').hex()}' AS VARCHAR)"


def moment(at: datetime) -> str:
    """`at` as an expression of a statement, to the microsecond."""
    return f"to_timestamp_micros({microseconds(at):d})"
