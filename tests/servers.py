"""Starts a real PostgreSQL and Valkey for the tests, before Django's settings are read. Loaded by `-p tests.servers`.

DATABASE_URL and REDIS_URL replace either. With xdist only the controller starts servers; each worker gets its own Valkey database.
"""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from pmtrack.stack import discovery, servers
from pmtrack.stack.places import make_private
from pmtrack.stack.processes import ProcessGroup

FAST_FOLDER = Path("/dev/shm")
FAST_FOLDER_NEEDS = 1_500_000_000
KEEPER = pytest.StashKey[ExitStack]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` turns the selection round: the long campaigns alone."""
    parser.addoption("--long", action="store_true", help="run the long campaigns, and only these")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Servers first: pytest-django reads the settings in this hook, so only a wrapper comes early enough."""
    # Playwright's sync API keeps an event loop in the thread, for which Django would refuse every query.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    os.environ.setdefault("PMTRACK_WAKE", "0")  # tests drain by hand; those that run the real stack switch it on
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ["REDIS_URL"] = own_database(os.environ["REDIS_URL"], os.environ["PYTEST_XDIST_WORKER"])
    else:
        early_config.stash[KEEPER] = start_servers()
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started, also when collection failed."""
    if KEEPER in config.stash:
        config.stash[KEEPER].close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without --long the long campaigns are left out, with it everything else is."""
    wanted = bool(config.getoption("--long"))
    left_out = [item for item in items if (item.get_closest_marker("long") is not None) != wanted]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def start_servers() -> ExitStack:
    """Start the servers in a folder that goes with them; the environment tells settings and child processes where they are."""
    with ExitStack() as keeper:
        folder = Path(tempfile.mkdtemp(prefix="pmtrack-test-", dir=fast_folder()))
        keeper.callback(shutil.rmtree, folder, ignore_errors=True)
        # An installation of its own: no test touches the developer's running one.
        os.environ |= {"PMTRACK_HOME": str(folder), "PMTRACK_MAIL_FOLDER": str(folder / "mail")}
        os.environ |= {"PMTRACK_STATIC_ROOT": str(make_private(folder / "static"))}
        os.environ |= {"PMTRACK_NO_BOOTSTRAP": "1", "PMTRACK_LOCAL": "1"}
        discovery.ensure_secrets()
        group = keeper.enter_context(ProcessGroup(folder / "logs"))
        urls = servers.start(group, folder, throw_away=True)
        # The owner's login makes and empties test databases; tests/products/test_audit_login.py takes the application's.
        os.environ |= {"DATABASE_URL": urls.owner_url or urls.database_url, "REDIS_URL": urls.redis_url}
        return keeper.pop_all()


def fast_folder() -> Path | None:
    """Memory where there is enough of it, else the system's temporary folder."""
    try:
        free = shutil.disk_usage(FAST_FOLDER).free
    except OSError:
        return None
    return FAST_FOLDER if free > FAST_FOLDER_NEEDS and os.access(FAST_FOLDER, os.W_OK) else None


def own_database(url: str, worker: str) -> str:
    """The same Valkey with a database number of this xdist worker (gw0 → 1): tests do not see each other's messages."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{int(worker.removeprefix('gw')) + 1}"))
