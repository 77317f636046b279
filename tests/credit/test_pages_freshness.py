"""A page that was kept is not confirmed any more once an effect changed that a helper's page shows."""

import pytest

from metrics.models import Estimate
from tests.credit.scene import WholeExample
from tests.metrics.keeping import get, signed_in, tag_of


@pytest.mark.django_db(transaction=True)
def test_a_helpers_page_follows_an_effect_of_what_it_helped_at_once(whole: WholeExample) -> None:
    client = signed_in(whole.cast.otto)
    tag = tag_of(client, "/products/web/")
    assert get(client, "/products/web/", tag).status_code == 304
    Estimate.objects.filter(pk=whole.estimate.pk).update(words="Cannot tell yet")
    assert get(client, "/products/web/", tag).status_code == 200
