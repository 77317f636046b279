"""What was heard before and says the same, while somebody still types: shared words, and the same spelling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from feedback.access import visible_feedback
from feedback.catalog.likeness import ALIKE, SPELT_ALIKE, TOLD, shared, telling, told
from products.access import Actor, is_known
from products.models.features import FeatureStage

SHORTEST, LONGEST = 12, 400
TELLING_WORDS, CANDIDATES, NEIGHBOURS = 5, 60, 8
# Of several features the one that is farthest tells how far an entry has come; a parked one only where it is alone.
FARTHEST_LAST = ["parked", "diagnosed", "building", "released", "measured"]
# Characters that no entry may hold mark what fits, until the text is cut there.
OPEN, CLOSE = "\x02", "\x03"

# The typed words as the index has them, with the share of entries that hold each, as far as statistics know it.
WORDS = """
WITH typed AS (SELECT DISTINCT unnest(tsvector_to_array(to_tsvector('english', %s))) AS word),
known AS (
    SELECT * FROM pg_stats AS found
    CROSS JOIN LATERAL unnest(found.most_common_elems::text::text[], found.most_common_elem_freqs[:cardinality(found.most_common_elems::text::text[])])
        AS common (word, share)
    WHERE found.schemaname = 'public' AND found.tablename = 'feedback_by_words'
)
SELECT typed.word, known.share FROM typed LEFT JOIN known USING (word)
"""

# Entries that share two telling words (or the only one), of the same product first; and for a product those that are
# spelt most alike, in the order of one index. Neither reads more than a fixed number of entries. The coalesce and the cast
# make the conditions those of the indexes.
CANDIDATES_OF = """
WITH sharing AS (
    (SELECT id FROM feedback_feedback WHERE to_tsvector('english', coalesce(text, '')) @@ %(pairs)s::tsquery
        AND product_id = %(product)s::bigint AND withdrawn_at IS NULL LIMIT %(most)s)
    UNION
    (SELECT id FROM feedback_feedback WHERE to_tsvector('english', coalesce(text, '')) @@ %(pairs)s::tsquery
        AND withdrawn_at IS NULL LIMIT %(most)s)
), spelt AS (
    SELECT id FROM feedback_feedback WHERE product_id = %(product)s::bigint AND withdrawn_at IS NULL
    ORDER BY text <-> %(text)s LIMIT %(near)s
), roots AS (
    SELECT DISTINCT ON (coalesce(entry.merged_into_id, entry.id))
        coalesce(entry.merged_into_id, entry.id) AS id, tsvector_to_array(to_tsvector('english', entry.text)) AS words,
        similarity(entry.text, %(text)s) AS spelt
    FROM feedback_feedback AS entry WHERE entry.id IN (SELECT id FROM sharing UNION SELECT id FROM spelt)
    ORDER BY coalesce(entry.merged_into_id, entry.id), spelt DESC
)
SELECT roots.id, root.product_id, roots.words, roots.spelt
FROM roots JOIN feedback_feedback AS root ON root.id = roots.id AND root.withdrawn_at IS NULL
"""

SHOWN = """
SELECT entry.id, ts_headline('english', entry.text, %(words)s::tsquery, %(marks)s), product.name, product.slug, product.type,
    diagnosis.diagnosed_at IS NOT NULL,
    (SELECT array[feature.stage, feature.id::text] FROM feedback_diagnosisfeature AS link
     JOIN products_feature AS feature ON feature.id = link.feature_id
     WHERE link.diagnosis_id = diagnosis.id
     ORDER BY array_position(%(stages)s::text[], feature.stage::text) DESC, feature.id DESC LIMIT 1),
    (SELECT count(DISTINCT voice.colleague_id) + count(DISTINCT voice.account_id) FROM feedback_voice AS voice
     JOIN feedback_feedback AS member ON member.id = voice.feedback_id AND member.withdrawn_at IS NULL
     WHERE member.id = entry.id OR member.merged_into_id = entry.id)
FROM feedback_feedback AS entry
LEFT JOIN products_product AS product ON product.id = entry.product_id
LEFT JOIN feedback_diagnosis AS diagnosis ON diagnosis.id = entry.diagnosis_id
WHERE entry.id = ANY (%(ids)s)
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an entry's text; ``fits`` where it holds a word that was typed."""

    text: str
    fits: bool


@dataclass(frozen=True, slots=True)
class Similar:
    """An entry that says the same: its text in parts, how many voices it has and how far it has come."""

    id: int
    parts: tuple[Part, ...]
    product: str
    slug: str
    type: str
    voices: int
    stage: str

    @property
    def key(self) -> str:
        """The short key that people read."""
        return f"FB-{self.id}"


def similar_entries(
    user: Actor, text: str, *, product: int | None, day: date, but_not: Sequence[int] = (), most: int = 2
) -> tuple[Similar, ...]:
    """At most ``most`` standing entries like ``text``, those of ``product`` first. Four statements at most.

    Nothing under twelve characters. Merged entries are found and shown as what they were merged into.
    """
    text = " ".join(text.replace("\x00", " ").split())[:LONGEST]
    if len(text) < SHORTEST or not is_known(user):
        return ()
    with connection.cursor() as cursor:
        cursor.execute(WORDS, [text])
        shares = dict(cursor.fetchall())
        if not shares:
            return ()
        given = {"pairs": _pairs(telling(shares, TELLING_WORDS)), "product": product, "text": text}
        cursor.execute(CANDIDATES_OF, {**given, "most": CANDIDATES, "near": NEIGHBOURS})
        found = _ranked(cursor.fetchall(), shares, product, set(but_not))[: 2 * most]
    allowed = set(visible_feedback(user).filter(pk__in=found).values_list("pk", flat=True))
    ids = [one for one in found if one in allowed][:most]
    return _shown(ids, sorted(shares)) if ids else ()


def _pairs(words: Sequence[str]) -> str:
    """A query for two of ``words`` at once, or for the only one."""
    quoted = [_quoted(word) for word in words]
    if len(quoted) == 1:
        return quoted[0]
    return " | ".join(f"({one} & {other})" for at, one in enumerate(quoted) for other in quoted[at + 1 :])


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def _ranked(
    rows: Sequence[tuple[int, int | None, list[str], float]],
    shares: Mapping[str, float | None],
    product: int | None,
    but_not: set[int],
) -> list[int]:
    """The ids worth showing: those of the same product first, the most alike before the others."""
    alike: list[tuple[bool, float, int]] = []
    for number, of, words, spelt in rows:
        common, back = shared(shares, words), told(shares, words)
        if number not in but_not and (common >= ALIKE or back >= TOLD or spelt >= SPELT_ALIKE):
            alike.append((of != product, -max(common, back, spelt), number))
    return [number for _, _, number in sorted(alike)]


def _shown(ids: Sequence[int], words: Sequence[str]) -> tuple[Similar, ...]:
    """The entries in the order of ``ids``, with what fits marked."""
    marks = f"HighlightAll=true, StartSel={OPEN}, StopSel={CLOSE}"
    given: dict[str, Any] = {"words": " | ".join(map(_quoted, words)), "marks": marks, "stages": FARTHEST_LAST}
    with connection.cursor() as cursor:
        cursor.execute(SHOWN, {**given, "ids": list(ids)})
        rows = {row[0]: row for row in cursor.fetchall()}
    return tuple(_similar(rows[one]) for one in ids if one in rows)


def _similar(row: tuple[Any, ...]) -> Similar:
    number, headline, product, slug, type, diagnosed, feature, voices = row
    stage = "Diagnosed" if diagnosed else "Feedback"
    if feature:
        stage = f"{FeatureStage(feature[0]).label} (W-{feature[1]})"
    return Similar(number, _parts(headline), product or "Not sure which product", slug or "", type or "", voices, stage)


def _parts(headline: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    for piece in headline.split(OPEN):
        fits, mark, rest = piece.partition(CLOSE)
        if mark:
            parts.append(Part(fits, True))
        else:
            rest = fits
        if rest:
            parts.append(Part(rest, False))
    return tuple(parts)
