"""The servers that the tests themselves run on."""

import os

import psycopg2
import redis

from pmtrack.stack import discovery


def test_the_embedded_database_is_postgresql_18_with_bytewise_order() -> None:
    url = discovery.database_url()
    assert url is not None
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'), datlocale FROM pg_database WHERE datname = current_database()"
        )
        assert cursor.fetchone() == (18, "UTF8", "C.UTF-8")
    connection.close()


def test_valkey_keeps_what_it_has_rather_than_evict() -> None:
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    client.close()
