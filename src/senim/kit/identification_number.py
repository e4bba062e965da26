"""The 12-digit numbers of Kazakhstan: IIN of a person, BIN of an organisation.

Valid by form and check digit only. Date, century and sex in an IIN are hints and never a reason to refuse (since 2013
the digits are not tied to personal data). In the first pass the 11th digit has weight 11, so a change of that digit
alone often goes unnoticed: the check digit is a guard against slips, not proof that a number exists.
"""

_LENGTH = 12
_FIRST_PASS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_PASS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_NO_DIGIT = 10


def is_valid(number: str) -> bool:
    """Whether `number` has twelve digits of which the last is the check digit of the others."""
    if len(number) != _LENGTH or not (number.isascii() and number.isdigit()):
        return False
    digits = [int(character) for character in number]
    for weights in (_FIRST_PASS, _SECOND_PASS):
        rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=False)) % 11
        if rest != _NO_DIGIT:
            return rest == digits[-1]
    return False
