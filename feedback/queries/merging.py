"""What an entry may be merged into: standing entries that say the same, but for those found to differ."""

from datetime import date

from feedback.access import workable_feedback
from feedback.models import Feedback, NotDuplicate
from feedback.queries.similar import Similar, similar_entries
from products.access import Actor


def merge_choices(user: Actor, entry: Feedback, *, day: date, most: int = 5) -> tuple[Similar, ...]:
    """At most ``most`` suggestions that the reader may work on, the same product first. Seven statements."""
    pairs = NotDuplicate.objects.filter(first=entry).values_list("second", flat=True)
    others = NotDuplicate.objects.filter(second=entry).values_list("first", flat=True)
    but_not = [entry.pk, *pairs, *others]
    found = similar_entries(user, entry.text, product=entry.product_id, day=day, but_not=but_not, most=most)
    mine = workable_feedback(user, day=day).filter(pk__in=[one.id for one in found])
    allowed = set(mine.values_list("pk", flat=True))
    return tuple(one for one in found if one.id in allowed)
