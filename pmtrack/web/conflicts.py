"""What the pages of forms know about two people who change one row."""


class Conflict(Exception):
    """The row no longer is as the form showed it; the message says who changed it and when. Nothing was stored."""
