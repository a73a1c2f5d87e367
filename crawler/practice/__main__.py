"""`python -m crawler.practice`: serve the city in the foreground until interrupted."""

import argparse
import asyncio
import sys
from collections import Counter
from pathlib import Path

from crawler.practice.city import City
from crawler.practice.server import PracticeServer


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 0 after an interrupt, 2 for wrong use."""
    options = _options().parse_args(arguments)
    try:
        city = City(options.organs, options.years, options.seed)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        asyncio.run(_serve(city, options.port, options.log))
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        print(f"cannot listen on port {options.port}: {error}", file=sys.stderr)
        return 2
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="crawler.practice", description=__doc__)
    parser.add_argument("--port", type=int, default=8008)
    parser.add_argument("--organs", type=int, default=12)
    parser.add_argument("--years", type=_years, default=(2008, 2025), metavar="FIRST-LAST")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, help="append a JSON line for each exchange")
    return parser


def _years(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    try:
        return int(first), int(last or first)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 2008-2025") from error


async def _serve(city: City, port: int, log: Path | None) -> None:
    server = PracticeServer(city, log)
    await server.start(port)
    print(description(city, server.address), flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await server.close()


def description(city: City, address: str) -> str:
    """What is served, for a person to read."""
    sites = city.sites()
    reports = sum(
        placed.paper.kind == "annual_report" for site in sites.values() for placed in site.placed()
    )
    troubles = Counter(trouble.kind for trouble in city.troubles())
    first, last = city.years
    return "\n".join(
        (
            f"practice city on {address}: {city.organs} organs, {first}-{last}, seed {city.seed}",
            f"  {reports} reports on {len(sites)} hosts",
            *(f"  http://{host}/" for host in list(sites)[:6]),
            *((f"  and {len(sites) - 6} more departments",) if len(sites) > 6 else ()),
            "  troubles: " + ", ".join(f"{kind} {count}" for kind, count in troubles.items()),
            f"  look: curl --connect-to ::{address} http://www.yanshi.test/",
        )
    )


if __name__ == "__main__":
    raise SystemExit(main())
