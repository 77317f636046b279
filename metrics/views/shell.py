"""What stands around every page: the rail's products and the person signed in."""

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, object]:
    """Context of base.html."""
    return {}
