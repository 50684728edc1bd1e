"""What an earlier run found out, in .onboard/cache: a table of bytes by key, that anybody may delete at any time.

Several runs may use it at once. Whatever goes wrong with it costs time and nothing else: a cache that cannot be read
or written is as good as none.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

FOLDER = ".onboard/cache"
FILE = "cache-1.sqlite3"  # another layout of the table is another file
# Bytes of the file: two states of 10,000 APIs. Beyond it the longest unused entries go, until KEPT of it is left.
BOUND = 512 << 20
KEPT = 0.75
PATIENCE = 5.0  # seconds to wait for another run that writes
AT_ONCE = 500  # keys in one question; any SQLite takes 999
TABLE = "CREATE TABLE IF NOT EXISTS entry (key BLOB PRIMARY KEY, value BLOB NOT NULL, used TEXT NOT NULL)"
SIZE = (
    "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
)
EXCESS = """\
DELETE FROM entry WHERE key IN (
  SELECT key FROM (SELECT key, sum(length(value) + 100) OVER (ORDER BY used DESC, key) AS total FROM entry)
  WHERE total > ?)
"""


class Cache:
    """Values by key. After the first error it knows nothing and keeps nothing any more.

    `today` (YYYY-MM-DD) is noted with what is used, so that the longest unused can go; `bound` in bytes.
    """

    def __init__(self, file: Path, today: str, bound: int = BOUND) -> None:
        self._file = file
        self._today = today
        self._bound = bound
        self._used: set[bytes] = set()
        self._connection: sqlite3.Connection | None = None
        with self._harmless():
            self._connection = sqlite3.connect(file, timeout=PATIENCE)
            with suppress(sqlite3.OperationalError):  # of two that make the file, one sets it, and the other need not
                self._connection.execute("PRAGMA journal_mode = WAL")
            for order in ("PRAGMA trusted_schema = OFF", "PRAGMA synchronous = NORMAL"):
                self._connection.execute(order)
            self._connection.execute(TABLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values that are known."""
        found: dict[bytes, bytes] = {}
        wanted = iter(dict.fromkeys(keys))
        while self._connection and (some := list(islice(wanted, AT_ONCE))):
            question = f"SELECT key, value, used FROM entry WHERE key IN ({','.join('?' * len(some))})"
            with self._harmless():
                for key, value, used in self._connection.execute(question, some):
                    found[key] = value
                    if used != self._today:
                        self._used.add(key)
        return found

    def put(self, entries: Mapping[bytes, bytes]) -> None:
        """Remember these. A run that is killed leaves all of them or none."""
        if self._connection is None:
            return
        rows = [(key, value, self._today) for key, value in entries.items()]
        with self._harmless(), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Note what was used, and make room."""
        if self._connection is None:
            return
        with self._harmless(), self._connection:
            rows = [(self._today, key) for key in self._used]
            self._connection.executemany("UPDATE entry SET used = ? WHERE key = ?", rows)
            ((size,),) = self._connection.execute(SIZE)
            if size > self._bound:
                self._connection.execute(EXCESS, (int(self._bound * KEPT),))
        self._give_up()

    @contextmanager
    def _harmless(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            self._give_up()
            if type(error) is sqlite3.DatabaseError:  # no database, or a broken one: the next run shall have a new one
                _remove(self._file)

    def _give_up(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def open_cache(root: Path, today: str) -> Cache | None:
    """The cache of the config repo in this folder; None where none can be.

    The caller knows that git does not track it: who could commit one could say what anything renders to.
    """
    folder = root / FOLDER
    if folder.is_symlink() or folder.parent.is_symlink():
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignored = folder / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n", encoding="utf-8")
    except OSError:
        return None
    return Cache(folder / FILE, today)


def _remove(file: Path) -> None:
    for path in (file, *(file.with_name(file.name + suffix) for suffix in ("-wal", "-shm", "-journal"))):
        with suppress(OSError):
            path.unlink(missing_ok=True)
