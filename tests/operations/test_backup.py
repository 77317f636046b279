"""The drill: back up while others write, restore elsewhere, compare bit by bit; and every refusal changes nothing."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from metrics.models import Kpi, Mark
from metrics.services.readings import NewReading, push_readings
from metrics.services.rollups import refresh
from pmtrack.backups import archive, putting
from pmtrack.backups.taking import take_backup
from pmtrack.stack import programs
from pmtrack.stack.places import ROOT
from tests.conftest import Cast
from tests.factories import NOW, make_kpi, make_token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("backup")]
MONDAY = date(2026, 6, 8)
ELSEWHERE = f"pmtrack_restored_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
Url = str


def address(name: str) -> Url:
    """The address of a database on the tests' server."""
    held = connection.settings_dict
    return f"postgresql://{held['USER']}:{quote(held['PASSWORD'], safe='')}@{held['HOST']}:{held['PORT']}/{name}"


@contextmanager
def connected(name: str) -> Iterator["psycopg2.extensions.cursor"]:
    """A cursor in another database, outside of any transaction."""
    with closing(psycopg2.connect(address(name))) as found:
        found.autocommit = True
        with found.cursor() as cursor:
            yield cursor


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Another, empty database."""
    for statement in (f"DROP DATABASE IF EXISTS {ELSEWHERE} WITH (FORCE)", f"CREATE DATABASE {ELSEWHERE}"):
        with connected("postgres") as cursor:
            cursor.execute(statement)
    yield ELSEWHERE
    with connected("postgres") as cursor:
        cursor.execute(f"DROP DATABASE {ELSEWHERE} WITH (FORCE)")


@pytest.fixture
def revenue(cast: Cast) -> Kpi:
    """A KPI with facts, drained cells and a mark that waits, beside people, roles and a token."""
    kpi = make_kpi(cast.checkout, "revenue", source="erp")
    make_token(cast.emil, product=cast.checkout)
    push(kpi, 40)
    refresh(now=NOW)
    push(kpi, 3, amount=Decimal("11.000001"))
    assert Mark.objects.exists()
    return kpi


def push(kpi: Kpi, days: int, amount: Decimal = Decimal(10)) -> None:
    """Readings of so many days, through the service."""
    readings = [NewReading(MONDAY - timedelta(days=number), amount) for number in range(days)]
    push_readings(kpi=kpi, source="erp", readings=readings, now=NOW)


def manage(name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command on another database, as an operator runs it."""
    env = {**os.environ, "DATABASE_URL": address(name), "PMTRACK_ROLE": "manage", "PMTRACK_OWNER_DATABASE_URL": ""}
    return subprocess.run(
        programs.manage(*arguments), env=env, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
    )


def fingerprints(name: str) -> dict[str, tuple[object, ...]]:
    """A hash over the ordered rows of each table, and where each sequence stands."""
    found: dict[str, tuple[object, ...]] = {}
    with connected(name) as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"""SELECT count(*), md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C"), ''))
                FROM public."{table}" AS t"""
            )
            found[table] = cursor.fetchone() or ()
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        found.update((f"sequence {sequence}", (value,)) for sequence, value in cursor.fetchall())
        cursor.execute(
            "SELECT md5(string_agg(line, ',' ORDER BY line)) FROM (SELECT tablename || indexname FROM pg_indexes WHERE "
            "schemaname = 'public' UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgfoid::regproc, tgtype, tgenabled, "
            "tgattr, tgargs, tgoldtable, tgnewtable, tgqual IS NULL) FROM pg_trigger WHERE NOT tgisinternal "
            "UNION ALL SELECT conrelid::regclass::text || conname || contype::text || convalidated::text FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace) AS found (line)"  # the words of conditions are normalised anew
        )
        found["schema"] = cursor.fetchone() or ()
    return found


@contextmanager
def writing(kpi: Kpi) -> Iterator[list[int]]:
    """Somebody who writes through the service the whole time; the list counts his pushes."""
    over, done = threading.Event(), []

    def write() -> None:
        number = 0
        while not over.is_set():
            number += 1
            push(kpi, 30 + number % 40, amount=Decimal(number))
            done.append(number)
        connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()


def test_a_restored_backup_is_equal_to_the_bit_and_answers(revenue: Kpi, elsewhere: str, tmp_path: Path) -> None:
    file = tmp_path / "one.backup"
    manifest = take_backup(file, now=NOW)
    before = fingerprints(connection.settings_dict["NAME"])
    done = manage(elsewhere, "restore", str(file))
    assert done.returncode == 0, done.stderr
    assert fingerprints(elsewhere) == before
    assert manifest.rows["metrics_mark"] == before["metrics_mark"][0] > 0, "what waited waits there too"
    assert manage(elsewhere, "sweep", "--once").returncode == 0
    checked = manage(elsewhere, "check_rollups")
    assert checked.stdout == "Every rollup equals its facts.\n", checked.stderr
    asked = "from django.test import Client; print(Client(SERVER_NAME='localhost').get('/readyz').content)"
    assert "ready\\nbroker" in manage(elsewhere, "shell", "--no-imports", "-c", asked).stdout
    # Everything that keeps the data right works there: a new reading marks its day, a bad row is refused.
    with connected(elsewhere) as cursor:
        cursor.execute("UPDATE metrics_reading SET numerator = numerator + 1")
        cursor.execute("SELECT count(*) > 0 FROM metrics_mark")
        assert cursor.fetchone() == (True,)


def test_a_backup_among_writers_is_one_instant_and_replaces_what_was_there(
    revenue: Kpi, elsewhere: str, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.backup", tmp_path / "second.backup"
    with writing(revenue) as pushes:
        manifest = take_backup(first, now=NOW)
        taken = len(pushes)
    assert taken > 0, "somebody wrote meanwhile"
    assert manage(elsewhere, "restore", str(first)).returncode == 0
    restored = fingerprints(elsewhere)
    assert {table: restored[table][0] for table in manifest.rows} == manifest.rows
    assert manage(elsewhere, "sweep", "--once").returncode == 0
    assert manage(elsewhere, "check_rollups").returncode == 0
    take_backup(second, now=NOW)
    refused = manage(elsewhere, "restore", str(second))
    assert refused.returncode == 1
    assert "say --replace to lose what is here" in refused.stderr
    assert manage(elsewhere, "restore", str(second), "--replace").returncode == 0
    assert fingerprints(elsewhere) == fingerprints(connection.settings_dict["NAME"])


def rewritten(file: Path, manifest: archive.Manifest, dump: bytes | None = None) -> Path:
    """The same backup with another manifest or dump, and sums that fit."""
    with archive.opened_dump(file) as held:
        content = dump if dump is not None else held.read()
    made = file.with_name("rewritten.backup")
    archive.write(made, iter([content]), manifest)
    return made


def test_a_backup_of_a_newer_version_is_refused_by_name(revenue: Kpi, tmp_path: Path) -> None:
    file = tmp_path / "one.backup"
    manifest = take_backup(file, now=NOW)
    newer = rewritten(file, replace(manifest, migrations=[*manifest.migrations, "metrics.0999_from_tomorrow"]))
    before = fingerprints(connection.settings_dict["NAME"])
    with pytest.raises(CommandError, match=r"does not know the migrations metrics\.0999_from_tomorrow\. Install"):
        call_command("restore", str(newer), replace=True)
    assert fingerprints(connection.settings_dict["NAME"]) == before


def test_a_damaged_or_cut_off_file_is_refused_before_anything_is_touched(revenue: Kpi, tmp_path: Path) -> None:
    file = tmp_path / "one.backup"
    take_backup(file, now=NOW)
    whole = file.read_bytes()
    before = fingerprints(connection.settings_dict["NAME"])
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    manifest_at = whole.index(b'"rows"')
    lied = whole[:manifest_at] + b'"RoWs"' + whole[manifest_at + 6 :]
    for content in (whole[: len(whole) // 2], whole[:700], whole[:-3000], bytes(flipped), lied, b"", b"no backup"):
        file.write_bytes(content)
        with pytest.raises(CommandError, match=r"Take another"):
            call_command("restore", str(file), replace=True)
    with pytest.raises(CommandError, match="There is no file"):
        call_command("restore", str(tmp_path / "nothing"), replace=True)
    assert fingerprints(connection.settings_dict["NAME"]) == before


def test_a_dump_that_breaks_or_lost_rows_changes_nothing(revenue: Kpi, tmp_path: Path) -> None:
    file = tmp_path / "one.backup"
    manifest = take_backup(file, now=NOW)
    before = fingerprints(connection.settings_dict["NAME"])
    with archive.opened_dump(file) as held:
        half = held.read()[: -file.stat().st_size // 3]
    more = {**manifest.rows, "products_team": manifest.rows["products_team"] + 1}
    for bad, words in (
        (rewritten(file, manifest, half), "Nothing was changed"),
        (rewritten(file, replace(manifest, rows=more)), "other than 4 rows of products_team"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("restore", str(bad), replace=True)
        assert fingerprints(connection.settings_dict["NAME"]) == before


def test_a_table_in_use_stops_a_restore_in_words(revenue: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "one.backup"
    take_backup(file, now=NOW)
    monkeypatch.setattr(putting, "PATIENCE", "200ms")
    with connected(connection.settings_dict["NAME"]) as cursor:
        cursor.execute("BEGIN; LOCK TABLE products_team IN ACCESS SHARE MODE")
        with pytest.raises(CommandError, match=r"Nothing was changed\. If a table was in use, stop web"):
            call_command("restore", str(file), replace=True)
    assert Kpi.objects.filter(pk=revenue.pk).exists()


def test_a_backup_never_overwrites_and_leaves_nothing_half(
    revenue: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "one.backup"
    file.write_text("precious")
    with pytest.raises(CommandError, match="never overwrites"):
        call_command("backup", str(file))
    assert file.read_text() == "precious"
    monkeypatch.setenv("PMTRACK_POSTGRES_BIN", str(tmp_path))
    failing = tmp_path / "pg_dump"
    failing.write_text(f"#!{sys.executable}\nimport sys; print('half'); sys.exit('the disk is on fire')\n")
    failing.chmod(0o755)
    with pytest.raises(CommandError, match="the disk is on fire"):
        call_command("backup", str(tmp_path / "two.backup"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.backup", "pg_dump"]


def test_anyone_can_read_a_backup_with_tar_and_its_owner_alone(revenue: Kpi, tmp_path: Path) -> None:
    file = tmp_path / "one.backup"
    call_command("backup", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    subprocess.run(["tar", "-xf", str(file)], cwd=tmp_path, check=True, capture_output=True)
    subprocess.run(["sha256sum", "--check", "--strict", archive.SUMS], cwd=tmp_path, check=True, capture_output=True)
    manifest = json.loads((tmp_path / archive.MANIFEST).read_text())
    assert manifest["rows"]["metrics_reading"] == 40
    assert datetime.fromisoformat(manifest["made_at"]).tzinfo == UTC
