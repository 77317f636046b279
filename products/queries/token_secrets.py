"""Finds the token behind a secret's digest, in one written-out statement: it runs before every call of the API."""

from django.db import DEFAULT_DB_ALIAS, connection

from products.models import ApiToken, User

# In the order of the models' own fields, as from_db takes them.
TOKEN_FIELDS = (
    "id", "name", "kind", "scopes", "product_id", "team_id", "created_by_id", "created_at", "expires_at",
    "revoked_at", "last_used_at", "rolled_at",
)  # fmt: skip
MAKER_FIELDS = ("id", "email", "name", "is_admin", "is_active")
BY_DIGEST = """
SELECT token.id, token.name, token.kind, token.scopes, token.product_id, token.team_id, token.created_by_id,
    token.created_at, token.expires_at, token.revoked_at, token.last_used_at, token.rolled_at,
    maker.id, maker.email, maker.name, maker.is_admin, maker.is_active
FROM products_apitoken AS token JOIN products_user AS maker ON maker.id = token.created_by_id
WHERE token.digest = %s
"""


def token_with(digest: str) -> ApiToken | None:
    """The token with this digest and its maker, whether it holds or not. What is not read here is read when asked for."""
    with connection.cursor() as cursor:
        cursor.execute(BY_DIGEST, [digest])
        row = cursor.fetchone()
    if row is None:
        return None
    token = ApiToken.from_db(DEFAULT_DB_ALIAS, TOKEN_FIELDS, row[: len(TOKEN_FIELDS)])
    token.created_by = User.from_db(DEFAULT_DB_ALIAS, MAKER_FIELDS, row[len(TOKEN_FIELDS) :])
    return token
