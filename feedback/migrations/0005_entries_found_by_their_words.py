"""Indexes for "similar while typing": shared words in all entries, likeness of spelling within a product."""

from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.contrib.postgres.search import SearchVector
from django.db import migrations


class Migration(migrations.Migration):
    """Nobody waits while they are built."""

    atomic = False

    dependencies = [("feedback", "0004_feedback_by_diagnosis"), ("products", "0005_names_found_by_likeness")]

    operations = [
        AddIndexConcurrently("feedback", GinIndex(SearchVector("text", config="english"), name="feedback_by_words")),
        AddIndexConcurrently(
            "feedback",
            GistIndex("product", OpClass("text", name="gist_trgm_ops(siglen=256)"), name="feedback_by_spelling"),
        ),
    ]
