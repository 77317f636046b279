"""Voices of an entry that stands already: added once, counted once over what was merged, taken off while nothing hangs on them."""

import threading
from decimal import Decimal

import pytest
from django.db import connection, connections

from feedback.models import Feedback, LoopClosure, Voice
from feedback.queries.speakers import heard_with, speakers
from feedback.services.edits import NotEditable, edit_feedback
from feedback.services.feedback import NewVoice
from feedback.services.voices import CannotAddVoice, CannotRemoveVoice, add_voice, remove_voice
from products.models import Product
from tests.conftest import Cast
from tests.factories import NOW, make_account, make_diagnosis, make_entry, speak


@pytest.mark.django_db
def test_a_voice_is_added_with_its_weight_and_counts_once_over_what_was_merged(cast: Cast) -> None:
    root, brenner = make_entry(cast.emil, cast.checkout), make_account("brenner")
    merged = make_entry(cast.emil, cast.checkout, merged_into=root)
    speak(merged, account=brenner, via=cast.emil)
    told = NewVoice(account=brenner, via=cast.emil, people_affected=12, hours_lost_monthly=Decimal("1.5"))
    voice = add_voice(entry=root, voice=told)
    assert (voice.via, voice.people_affected, voice.hours_lost_monthly) == (cast.emil, 12, Decimal("1.5"))
    add_voice(entry=root, voice=NewVoice(colleague=cast.otto))
    assert speakers(cast.emil, heard_with(root), day=NOW.date()).text == "2 voices: 1 colleague and 1 account"


@pytest.mark.django_db
def test_what_cannot_be_a_voice_is_refused_in_words_and_nothing_is_stored(cast: Cast) -> None:
    brenner = make_account("brenner")
    spoken, gone, unsorted, internal = (
        make_entry(cast.emil, product) for product in (cast.checkout, cast.checkout, None, cast.switchyard)
    )
    add_voice(entry=spoken, voice=NewVoice(account=brenner, via=cast.emil))
    Feedback.objects.filter(pk=gone.pk).update(withdrawn_at=NOW, withdrawn_by=cast.emil)
    through = NewVoice(account=brenner, via=cast.emil)
    for entry, voice, words in (
        (spoken, through, f"Brenner is a voice of {spoken.key} already."),
        (gone, NewVoice(colleague=cast.otto), f"{gone.key} was withdrawn, so nobody is added to it."),
        (unsorted, through, "Choose the product that Brenner spoke about first"),
        (internal, through, "Switchyard is internal: its voices are colleagues, not customers."),
        (make_entry(cast.emil, cast.checkout), NewVoice(account=brenner), "Choose the colleague through whom Brenner"),
    ):
        with pytest.raises(CannotAddVoice, match=words):
            add_voice(entry=entry, voice=voice)
    assert Voice.objects.count() == 1


@pytest.mark.django_db
def test_a_voice_is_taken_off_twice_without_harm_but_not_once_somebody_was_told(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    otto, paula = (speak(entry, colleague=one) for one in (cast.otto, cast.paula))
    for _ in range(2):
        remove_voice(voice=otto)
    diagnosis = make_diagnosis(
        cast.emil, cast.checkout, entry, decision="decline", reason="Rare", decided_by=cast.emil, decided_at=NOW
    )
    LoopClosure.objects.create(voice=paula, diagnosis=diagnosis, channel="chat", told_by=cast.emil, told_at=NOW)
    with pytest.raises(CannotRemoveVoice, match="They were told already"):
        remove_voice(voice=paula)
    assert list(Voice.objects.all()) == [paula]


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_add_the_same_voice_at_once_one_is_told(cast: Cast) -> None:
    entry, told = make_entry(cast.emil, cast.checkout), []
    both = threading.Barrier(2, timeout=20)

    def add() -> None:
        try:
            both.wait()
            add_voice(entry=entry, voice=NewVoice(colleague=cast.otto))
        except CannotAddVoice as problem:
            told.append(str(problem))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert told == [f"Otto is a voice of {entry.key} already."]
    assert entry.voices.count() == 1
    assert connection.is_usable()


@pytest.mark.django_db
def test_an_entry_moves_to_a_product_only_with_all_that_hangs_on_it(cast: Cast) -> None:
    def move(entry: Feedback, product: Product | None) -> None:
        said = {"text": entry.text, "severity": None, "sentiment": "", "channel": "meeting", "revision": 1}
        edit_feedback(entry=entry, product=product, by=cast.lena, now=NOW, **said)

    diagnosed, customers, plain = (make_entry(cast.emil, cast.checkout) for _ in range(3))
    diagnosis = make_diagnosis(cast.emil, cast.checkout, diagnosed)
    speak(customers, account=make_account("brenner"), via=cast.emil)
    with pytest.raises(NotEditable, match=f"belongs to diagnosis {diagnosis.key}, which is about Checkout"):
        move(diagnosed, cast.switchyard)
    for product, words in ((cast.switchyard, "Switchyard is internal"), (None, "Without a product")):
        with pytest.raises(NotEditable, match=words):
            move(customers, product)
    move(plain, cast.switchyard)
    moved = dict(Feedback.objects.values_list("pk", "product__slug"))
    assert moved == {diagnosed.pk: "checkout", customers.pk: "checkout", plain.pk: "switchyard"}
