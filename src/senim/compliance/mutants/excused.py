"""Citing checks whose removal cannot be tried, or whose tests cannot but fall over, each with its reason.

By path and what the command prints there, so that an entry ends with the code it speaks of.
"""

EXCUSED: dict[tuple[str, str], str] = {
    (
        "src/senim/asoi/internal/receipts.py",
        "raise ReceiptOfStranger(type(refusal).__name__) from refusal",
    ): "what is signed by a stranger yields nothing to go on with: without the refusal the next line falls over",
    (
        "src/senim/asoi/proof.py",
        "if message.state != Message.State.DELIVERED:",
    ): "without a receipt there is nothing to pack: without the refusal the next line falls over",
}
