"""The file of a backup: a tar with PostgreSQL's own dump, a manifest, and the SHA-256 of both.

`tar -xf` and `sha256sum -c SHA256SUMS` read it without pmtrack, and `pg_restore` takes the dump.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

DUMP, MANIFEST, SUMS = "database.dump", "manifest.json", "SHA256SUMS"
FORMAT = 1
BLOCK = tarfile.BLOCKSIZE
CHUNK = 1 << 20


class BadArchive(Exception):
    """The file is no whole backup; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: ``migrations`` as ``app.name`` and ``rows`` by table."""

    format: int
    made_at: str
    postgres: int
    migrations: list[str]
    extensions: list[str]
    rows: dict[str, int]


def write(path: Path, dump: Iterator[bytes], manifest: Manifest) -> None:
    """Write the archive beside ``path`` and give it its name once it is whole and on disk. Memory stays constant."""
    part = path.with_name(f".{path.name}.part")
    try:
        with open(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as out:
            digest = _write_dump(out, dump)
            content = json.dumps(asdict(manifest), indent=1).encode()
            _write_member(out, MANIFEST, content)
            sums = f"{digest}  {DUMP}\n{hashlib.sha256(content).hexdigest()}  {MANIFEST}\n"
            _write_member(out, SUMS, sums.encode())
            out.write(bytes(2 * BLOCK))
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write_dump(out: IO[bytes], dump: Iterator[bytes]) -> str:
    """The dump's size is known at its end only, so its header is written last, into the place kept for it."""
    out.write(bytes(BLOCK))
    digest, size = hashlib.sha256(), 0
    for chunk in dump:
        digest.update(chunk)
        size += out.write(chunk)
    out.write(bytes(-size % BLOCK))
    end = out.tell()
    out.seek(0)
    out.write(_header(DUMP, size))
    out.seek(end)
    return digest.hexdigest()


def _write_member(out: IO[bytes], name: str, content: bytes) -> None:
    out.write(_header(name, len(content)) + content + bytes(-len(content) % BLOCK))


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member.tobuf(tarfile.GNU_FORMAT)  # sizes past 8 GiB fit into its one block


def verified(path: Path) -> Manifest:
    """The manifest of a backup that was read to its end and equals its sums. Raises ``BadArchive``."""
    try:
        with tarfile.open(path, "r:") as tar:
            sums = dict(reversed(line.split("  ", 1)) for line in _read(tar, SUMS).decode().splitlines())
            content = _read(tar, MANIFEST)
            if hashlib.sha256(content).hexdigest() != sums.get(MANIFEST) or _digest(tar) != sums.get(DUMP):
                raise BadArchive(f"{path} is damaged: its content is not what was written. Take another backup's file.")
            manifest = Manifest(**json.loads(content))
    except FileNotFoundError:
        raise BadArchive(f"There is no file {path}.") from None
    except (OSError, tarfile.TarError, KeyError, ValueError, TypeError, EOFError) as error:
        raise BadArchive(f"{path} is no whole backup of pmtrack, or it was cut off. Take another file.") from error
    if manifest.format != FORMAT:
        raise BadArchive(f"{path} has format {manifest.format}; this version reads format {FORMAT}.")
    return manifest


@contextmanager
def opened_dump(path: Path) -> Iterator[IO[bytes]]:
    """The dump inside the archive, for reading from its start."""
    with tarfile.open(path, "r:") as tar:
        yield _member(tar, DUMP)


def _digest(tar: tarfile.TarFile) -> str:
    digest, dump = hashlib.sha256(), _member(tar, DUMP)
    while chunk := dump.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    return _member(tar, name).read()


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    found = tar.extractfile(name)
    return found if found is not None else io.BytesIO()
