"""A password hasher for tests: the same format as the real one at a thousandth of its cost."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class OneRound(PBKDF2PasswordHasher):
    """PBKDF2 with a single round: a quarter of a second less for each sign-in of a test."""

    iterations = 1
