"""Pages whose address is a secret from a mail."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from products.views.asking import form_page

GONE = 410
View = Callable[..., HttpResponse]


def kept_to_itself(view: View) -> View:
    """The address is a secret: no cache keeps the page, and no other site is told where its reader came from."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        # Not "no-referrer": browsers would then send the form from "null", which the guard of forms refuses.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cache-Control"] = "no-store, private"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return login_not_required(never_cache(form_page(answer)))
