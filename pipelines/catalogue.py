"""The catalogue: what the archive says, as documents and figures. Derived, never the truth.

Ids and order come from the documents, times from their captures: whoever replays the captures in
the order of time gets the same catalogue, and byte for byte the same export.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import ColumnElement, create_engine, func, select
from sqlalchemy.exc import ArgumentError, DBAPIError

from crawler.errors import Unavailable, WrongUse
from pipelines import copies, schema, versions
from pipelines.difference import difference
from pipelines.schema import Put, Row, identified
from pipelines.upkeep import bring_up, replace, store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Engine, Select, Table

    from crawler.items import Issue, Page
    from pipelines.difference import Difference
    from pipelines.versions import History

__all__ = ["Catalogue", "Put", "identified"]

Years = tuple[int | None, int | None]
Scope = list[ColumnElement[bool]]
CHUNK = 200  # rows held at once
EVER: Years = (None, None)


class Catalogue:
    """Documents, figures, checks and issues in SQLite, or whatever SQLAlchemy reaches by a URL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)

    @classmethod
    def open(cls, store: Path, url: str | None = None) -> Self:
        """Open `url`, by default catalogue.sqlite in the store, and make what is missing.

        Raises Unavailable, which says what to do, when it cannot be reached or written.
        """
        address = url or f"sqlite:///{store / 'catalogue.sqlite'}"
        try:
            if url is None:
                store.mkdir(parents=True, exist_ok=True)
            engine = create_engine(address)
            if engine.dialect.name == "sqlite":
                schema.prepare_sqlite(engine)
            self = cls(engine)
            with self._writing.begin() as connection:
                schema.metadata.create_all(connection)
        except (ArgumentError, DBAPIError, ImportError, OSError) as error:
            shown = address.rpartition("@")[2]  # no password
            raise Unavailable(
                f"the catalogue {shown} cannot be opened for writing ({error.__cause__ or error}): "
                "set GONGKAI_STORE to a writable directory, or GONGKAI_CATALOGUE to a database URL"
            ) from error
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back; a closed catalogue opens again when it is used."""
        self._engine.dispose()

    def put(self, page: Page, documents: Sequence[Mapping[str, Any]], *, parser: str) -> Put:
        """Bring the catalogue up to one reading of a page, in one transaction.

        `documents` are the contract's objects without `id`. A document whose text and figures are
        as before keeps its first capture; what the page no longer holds is removed. A capture older
        than the one last read changes nothing. Raises WrongUse for a page without a capture.
        """
        if page.capture is None:
            raise WrongUse(f"{page.url}: only what lies in the archive goes into the catalogue")
        rows = schema.document_rows(page, documents, parser)
        pages, table = schema.pages, schema.documents
        with self._writing.begin() as connection:
            last = connection.scalar(select(pages.c.at).where(pages.c.url == page.url))
            if last is not None and page.capture.at < last:
                return Put(0, 0, len(rows))
            found = connection.execute(select(table).where(table.c.url == page.url)).mappings()
            held = {row["id"]: dict(row) for row in found}
            read = schema.page_row(page, parser)
            put = bring_up(connection, held, rows, read)
            copies.settle(connection, copies.groups_of([*held.values(), *rows]))
            replace(connection, pages, [pages.c.url == page.url], [read])
        return put

    def seen(self, url: str, payload_sha256: str, parser: str) -> bool:
        """True if this payload is what was last read at the URL, by this version of the parser."""
        pages = schema.pages.c
        query = select(pages.payload_sha256, pages.parser).where(pages.url == url)
        with self._engine.begin() as connection:
            return connection.execute(query).one_or_none() == (payload_sha256, parser)

    def add_issues(self, crawl: str, portal: str, issues: Iterable[Issue]) -> None:
        """Keep what someone should look at; the same issue of the same crawl only once."""
        found = [schema.issue_row(crawl, portal, issue) for issue in issues]
        rows = {row["id"]: row for row in found}
        columns = schema.issues.c
        with self._writing.begin() as connection:
            again = [columns.crawl == crawl, columns.id.in_(rows)]
            replace(connection, schema.issues, again, list(rows.values()))

    def documents(
        self,
        portal: str | None = None,
        class_: str | None = None,
        years: Years | None = None,
        organ: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        """The contract's JSON of each document with `id`, `portal`, `url` and `capture`.

        In the order of portal, class, year, URL and place on the page; years are inclusive. Of
        documents that are one, the newest version at one place.
        """
        columns = schema.documents.c
        wanted = _scope([portal] if portal else None, years or EVER)
        wanted += [columns["class"] == class_] if class_ else []
        wanted += [columns.organ == organ] if organ else []
        return map(schema.contract, self._documents([*wanted, copies.originals(portal)]))

    def at(self, url: str) -> list[dict[str, Any]]:
        """The documents of one address, in their order on the page."""
        return list(map(schema.contract, self._documents([schema.documents.c.url == url])))

    def history(self, id_: str) -> History:
        """The versions of a document and their places. Raises WrongUse for an unknown id."""
        with self._engine.begin() as connection:
            return versions.history(connection, id_)

    def issues(self, portal: str | None = None, crawl: str | None = None) -> list[dict[str, str]]:
        """Issues as {id, crawl, portal, url, code, says}, in the order of portal, crawl, URL."""
        columns = schema.issues.c
        order = (columns.portal, columns.crawl, columns.url, columns.code, columns.says)
        wanted = [columns.portal == portal] if portal else []
        wanted += [columns.crawl == crawl] if crawl else []
        return list(self._read(select(schema.issues).where(*wanted).order_by(*order)))

    def counts(self, portal: str | None = None) -> dict[str, int]:
        """How many documents there are of each class."""
        class_ = schema.documents.c["class"]
        query = select(class_, func.count().label("count")).group_by(class_).order_by(class_)
        wanted = _scope([portal] if portal else None, EVER)
        rows = self._read(query.where(*wanted, copies.originals(portal)))
        return {row["class"]: row["count"] for row in rows}

    def first_report(self, portal: str) -> int | None:
        """The year of the earliest report of a portal; None where there is none."""
        class_, year = schema.documents.c["class"], schema.documents.c.year
        query = select(func.min(year).label("year")).where(class_ == "annual_report")
        (row,) = self._read(query.where(*_scope([portal], EVER)))
        found: int | None = row["year"]
        return found

    def difference(self, other: Catalogue, portals: set[str] | None, years: Years) -> Difference:
        """What `adopt` would change. Documents without a year are in scope if all years are."""
        return difference(self._read, other._read, _scope(portals, years))

    def adopt(self, other: Catalogue, portals: set[str] | None, years: Years) -> None:
        """Replace everything in scope by what `other` holds, in one transaction; add its issues.

        What was last read at an address is taken over only with all years: otherwise other
        documents of the page were not read anew.
        """
        tables = [schema.versions, versions.former, *([schema.pages] if years == EVER else [])]
        with self._writing.begin() as connection:
            scope = _scope(portals, years)
            replace(connection, schema.documents, scope, [])
            store(connection, other._documents(scope))
            for table in tables:
                within = _scope(portals, years, table)
                replace(connection, table, within, [*other._read(select(table).where(*within))])
            copies.settle_all(connection)
            known = {(issue["id"], issue["crawl"]) for issue in self.issues()}
            met = [i for i in other.issues() if (i["id"], i["crawl"]) not in known]
            replace(connection, schema.issues, None, met)

    def _read(self, query: Select[Any]) -> Iterator[Row]:
        with self._engine.begin() as connection:
            rows = connection.execution_options(yield_per=CHUNK).execute(query).mappings()
            yield from map(dict, rows)

    def _documents(self, wanted: Scope) -> Iterator[Row]:
        return self._read(select(schema.documents).where(*wanted).order_by(*schema.ORDER))


def _scope(portals: Iterable[str] | None, years: Years, table: Table = schema.documents) -> Scope:
    wanted: Scope = [table.c.portal.in_(sorted(portals))] if portals is not None else []
    wanted += [] if years[0] is None else [table.c.year >= years[0]]
    return wanted + ([] if years[1] is None else [table.c.year <= years[1]])
