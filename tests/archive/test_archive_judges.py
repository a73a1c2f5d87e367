"""What other people's tools say about the files we write.

Tools whose dependencies are not ours live in environments of their own under `.venv/judges`, made
on the first run. One that cannot be installed is skipped, by name.
"""

import gzip
import http.client
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from command_line import GONGKAI
from fastwarc.stream_io import GzipReader
from fastwarc.warc import ArchiveIterator as FastIterator
from odd_exchanges import exchange, odd
from warcio.archiveiterator import ArchiveIterator

from archive import Dom, Index, WarcWriter, cdxj, entity_body, find_head, read
from archive.importer import import_file
from archive.serve import Server
from archive.surt import surt
from archive.verify import verify, verify_file
from archive.wacz import pack
from crawler.cli import archive_pywb
from crawler.errors import Unavailable

ROOT = Path(__file__).parents[2]
ODDLY_CHUNKED = "/1"  # extension, blanks and a trailer, under `Chunked`
HEAD_CUT = "/6"  # they take its status, we take nothing from half a head
EMPTY_BLOCK = 1  # the record of the 304


def installed(name, *wanted):
    """The folder of commands of a judge; skips the test when there is none to be had."""
    home = ROOT / ".venv" / "judges" / f"{name}-{sys.version_info[0]}.{sys.version_info[1]}"
    if not (home / "ready").exists():
        shutil.rmtree(home, ignore_errors=True)
        own = ROOT / ".uv" / "bin" / "uv"
        uv = str(own) if own.exists() else shutil.which("uv")
        python = home / "bin" / "python"
        if uv:
            steps = [
                [uv, "venv", "-q", "--python", sys.executable, home],
                [uv, "pip", "install", "-q", "--python", python, *wanted],
            ]
        else:
            pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted]
            steps = [[sys.executable, "-m", "venv", home], pip]
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, timeout=280, check=False)
            if done.returncode:
                pytest.skip(f"{name} cannot be installed: {done.stderr.strip()[-300:]}")
        (home / "ready").touch()
    return home / "bin"


def run(*command, **options):
    return subprocess.run(
        [str(one) for one in command],
        capture_output=True,
        timeout=120,
        check=False,
        text=True,
        **options,
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A sealed file with every oddity, revisits and a DOM; returns store, file, captures."""
    store = tmp_path_factory.mktemp("judged")
    not_modified = b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"
    with WarcWriter(store, portal="yanshi", crawl="c", worker="w") as writer, Index(store) as index:
        captures = [writer.write(one) for one in odd()]
        captures.append(writer.write(exchange("/0", seconds=99), same_as=captures[0]))
        captures.append(
            writer.write(exchange("/0", not_modified, seconds=100), same_as=captures[0])
        )
        at = exchange(seconds=101).at
        captures.append(writer.write(Dom(captures[0].url, b"<html>", at, captures[0].record_id)))
        writer.sync()
        index.add(captures)
    assert list(verify(store)) == []
    return store, store / captures[0].file, captures


def test_gzip(written):
    done = run("gzip", "-t", written[1])
    assert (done.returncode, done.stderr) == (0, "")


def test_warcio_objects_to_nothing_but_chunked_payloads(written):
    store, path, captures = written
    done = run(sys.executable, "-m", "warcio.cli", "check", path)
    objections = [one for one in done.stdout.splitlines()[1:] if "failed" in one]
    chunked = [
        one
        for one in captures
        if one.record_type == "response" and b"hunked" in read(store, one).response
    ]
    # the body that is not chunked in spite of its header is digested alike
    digests = {one.payload_sha256 for one in chunked}
    assert all("payload digest failed sha256:" in one for one in objections)
    assert {one.rpartition(":")[2] for one in objections} <= digests
    assert len(objections) < len(chunked)


def test_every_reader_counts_the_same_records(written):
    path = written[1]
    ours = verify_file(path).records
    with path.open("rb") as file:
        theirs = Counter(record.rec_type for record in ArchiveIterator(file))
    assert theirs == ours
    fast = FastIterator(GzipReader(str(path)), parse_http=False)
    assert Counter(str(record.record_type).rpartition(".")[2] for record in fast) == ours


def test_fastwarc_finds_every_block_digest_right(written):
    count = 0
    for record in FastIterator(GzipReader(str(written[1])), parse_http=False):
        assert record.verify_block_digest()
        count += 1
    assert count == verify_file(written[1]).records.total()


def test_warcbench_finds_the_pairs(written):
    wb = installed("warcbench", "warcbench==0.1.0") / "wb"
    _, path, _ = written
    records = verify_file(path).records
    done = run(wb, "summarize", path)
    assert done.returncode == 0, done.stderr
    # it does not see a record with an empty block
    assert f"Found {records.total() - EMPTY_BLOCK} records." in done.stdout
    assert "Error: None" in done.stdout
    pairs = run(wb, "match-record-pairs", path).stdout
    unasked, unanswered = 1, 2  # of the oddities; a revisit is no answer to it
    assert f"requests/responses: {records['response'] - unasked}\n" in pairs
    assert f"Requests without responses: {unanswered + records['revisit']}\n" in pairs
    assert f"Responses without requests: {unasked}\n" in pairs


def test_cdxj_indexer_writes_the_lines_that_we_write(written):
    indexer = installed("cdxj-indexer", "cdxj-indexer==1.5.0") / "cdxj-indexer"
    _, path, captures = written
    done = run(indexer, "-s", path)
    assert done.returncode == 0, done.stderr
    posts = {str(one.offset) for one in captures if one.method != "GET"}
    theirs = [parsed(one, path) for one in done.stdout.splitlines()]
    sidecar = path.with_name(path.name.replace(".warc.gz", ".cdxj"))
    ours = [parsed(one, path) for one in sidecar.read_text().splitlines()]
    # they key a POST by its body, and index a DOM as if it were a page
    theirs = [one for one in theirs if one["offset"] not in posts and "urn:" not in one["url"]]
    ours = [one for one in ours if one["offset"] not in posts]
    assert len(ours) > 15
    assert ours == theirs


def parsed(line, path):
    """A CDXJ line. They leave out what there is not; the status of a 304 we know from metadata."""
    key, moment, content = line.split(" ", 2)
    made = json.loads(content)
    names = ("url", "mime", "status", "digest", "length", "offset", "filename")
    one = {"key": key, "at": moment, **{name: made.get(name) for name in names}}
    one["filename"] = Path(one["filename"]).name
    assert one["filename"] == path.name
    one["mime"] = (one["mime"] or "unk").lower()
    if one["status"] in {None, "304"} or one["url"].endswith(HEAD_CUT):
        one["status"] = "0"
    return one


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def wayback():
    """pywb's server, as `gongkai archive serve --pywb` has it."""
    try:
        return archive_pywb.wayback()
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.mark.soak
def test_pywb_indexes_and_replays_our_files(written, tmp_path, wayback):
    tools = wayback.parent
    store, path, captures = written
    for step in (["init", "c"], ["add", "c", path]):
        done = run(tools / "wb-manager", *step, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    port = free_port()
    log = (tmp_path / "log").open("wb")
    command = [tools / "wayback", "-p", str(port), "-b", "127.0.0.1"]
    server = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    try:
        wait_for(port)
        replayed = 0
        for one in captures:
            if (
                one.method != "GET"
                or one.status == 0
                or one.record_type not in {"response", "revisit"}
            ):
                continue
            status, body = fetch(port, one)
            response = read(store, one).response
            head = find_head(response)
            wanted = entity_body(head, response[head.size :])
            if one.url.endswith(ODDLY_CHUNKED):
                assert body.startswith(wanted)  # it takes the trailer for content
            else:
                assert (status, body) == (head.status, wanted), one.url
                replayed += 1
        assert replayed > 10
    finally:
        server.terminate()
        server.wait(20)
        log.close()


@pytest.fixture(scope="module")
def shelves(written, tmp_path_factory):
    """The store with every oddity; and one that imported it: in a WACZ, plain, in one member."""
    store, path, _ = written
    outside = tmp_path_factory.mktemp("outside")
    pack(store, portal="yanshi", year=2026, out=outside / "a.wacz", pages=())
    text = gzip.decompress(path.read_bytes())
    for name, kind in (("plain.warc", bytes), ("one.warc.gz", gzip.compress)):
        # of another site, under other ids
        host = name[:3].encode()
        other = re.sub(rb"(WARC-Target-URI: \S*)www(?=\.yanshi)", rb"\1" + host, text)
        other = re.sub(rb"urn:uuid:...", b"urn:uuid:" + host.hex().encode()[-3:], other)
        (outside / name).write_bytes(kind(other))
    others = outside / "store"
    for file in ("a.wacz", "plain.warc", "one.warc.gz"):
        assert import_file(others, outside / file, source=file).problems == []
    return [store, others]


@pytest.mark.parametrize(
    "which", [0, pytest.param(1, marks=pytest.mark.soak)], ids=["our own", "imported"]
)
def test_pywb_reads_our_index_and_gives_the_bytes_that_we_give(shelves, which, wayback):
    store = shelves[which]
    command = [GONGKAI, "archive", "serve", "--pywb", "--port", "0", "--store", store]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    own = Server(store)
    thread = threading.Thread(target=own.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        base = started.stdout.readline()
        assert base.startswith("http://127.0.0.1:"), "it did not start"
        port = int(base.split(":")[2].split("/")[0])
        with Index(store) as index:
            shown = [one for one in index.captures() if cdxj.line(one) and one.method == "GET"]
        compared = 0
        for one in shown:
            theirs, ours = fetch(port, one, "all/"), fetch(own.server_address[1], one, "")
            if ours[0] == 502:  # no HTTP answer at all; they make one up
                continue
            if one.url.endswith(ODDLY_CHUNKED):
                assert theirs[1].startswith(ours[1])
                continue
            assert theirs == ours, one.url
            compared += 1
        assert compared > 10
        lines = 0
        for question in CDX_QUESTIONS:
            # The merged index has the others too, under keys as pywb makes them.
            cdx = f"cdx?filter=!method:POST&{question}"
            theirs, ours = asked(port, f"/all/{cdx}"), asked(own, f"/{cdx}")
            assert theirs == ours, question
            lines += len(ours)
        assert which or lines > 50
    finally:
        own.shutdown()
        own.server_close()
        started.terminate()
        assert started.wait(20) == 143
        started.stdout.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 1)


def test_pywb_is_not_taken_for_what_else_answers_at_its_port(shelves, wayback):
    own = Server(shelves[0])
    command = [GONGKAI, "archive", "serve", "--pywb", "--store", shelves[0], "--port"]
    done = run(*command, own.server_address[1])
    own.server_close()
    assert (done.returncode, done.stdout) == (3, "")
    assert "Address already in use; try another --port" in done.stderr


CDX_QUESTIONS = [
    f"url=http://www.yanshi.test/{rest}"
    for rest in (
        "0", "0&output=json", "0*&limit=4", "&matchType=host&sort=reverse", "never", "0?*",
        "0&sort=reverse&limit=1", "0&closest=2026", "0&closest=20261122021305&limit=2",
        "*&closest=20261122021400&limit=3", "0&from=20261122021306", "0&to=20261122021305",
        "*&from=2026&to=202610", "*&filter=status:404", "*&filter=!status:200", "*&filter=revisit",
        "*&filter==mime:text/html&filter=!~url:.*/[12]", "*&filter=~status:[23]..&limit=2",
        "0&fl=status,timestamp&output=json", "*&fields=url,mime&output=text", "0&fl=mime,urlkey",
    )
] + ["url=*.test&limit=5", "url=yanshi.test&matchType=domain&limit=7", "url=e.test"]  # fmt: skip


def asked(server, path):
    """The lines of an answer to a question about the index; pywb adds where it found them."""
    port = server if isinstance(server, int) else server.server_address[1]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 200
        text = answer.read().decode()
    return re.sub(
        r', "source": "[^"]*", "source-coll": "all"|"source":.*?, ', "", text
    ).splitlines()


def test_keys_are_those_that_other_tools_look_for(wayback):
    """An index of ours is of no use to them where they make another key of an address."""
    urls = [*map(address, range(3000))]
    script = "import surt, sys\nfor line in sys.stdin: print(surt.surt(line[:-1]))"
    python = wayback.parent / "python"
    done = run(python, "-c", script, input="".join(f"{url}\n" for url in urls))
    assert dict(zip(urls, done.stdout.splitlines(), strict=True)) == {u: surt(u) for u in urls}


def address(seed):
    """An address such as portals have, or worse."""
    pick = random.Random(seed)
    hosts = "www.e.com E.COM www2.e.gov.cn 127.0.0.1 e.com. [::1] a..b.cn %E4%B8%AD.cn e-f.com:8080"
    paths = (
        "/ /a /A.HTML /.. /. // /a/ /%2e%2e /%2F /b;jsessionid=0123456789ABCDEF0123456789abcdef "
        "/x.aspx /%25 /%u653f /%D5%FE /a%20b /~u /a+b /%3f /%23 /%zz /%2525252541 /:a@b"
    )
    sessions = ("jsessionid", "sid", "phpsessid", "xsid")
    queries = (
        "a=1 a=2 a1=1 b  a A=x a-b=1 a.b=2 %26 %u653f=%u5e9c k=%D5%FE q=a+b u=http://x/y?z % =1 "
        "a== a=1;b=2 cfid=1 cftoken=2 jsessionid=short "
        + " ".join(f"{s}={32 * 'f'}" for s in sessions)
    )
    path = "".join(pick.choice(paths.split()) for _ in range(pick.randint(1, 4)))
    query = "&".join(pick.choice(queries.split(" ")) for _ in range(pick.randint(0, 5)))
    return f"{pick.choice(['http', 'https'])}://{pick.choice(hosts.split())}{path}?{query}"


def wait_for(port):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("pywb does not answer")


def fetch(port, capture, collection="c/"):
    moment = capture.at.translate(str.maketrans("", "", "-T:"))[:14]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with closing(connection):
        # one body is shorter than its Content-Length, so only the end of the connection ends it
        path = f"/{collection}{moment}id_/{capture.url}"
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        try:
            return answer.status, answer.read()
        except http.client.IncompleteRead as cut:
            return answer.status, cut.partial


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
def test_what_wget_writes_is_judged_by_us(tmp_path):
    (tmp_path / "page").write_bytes(os.urandom(3000))
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "-b", "127.0.0.1"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        done = run(
            "wget", "-q", "--no-config", "--warc-file", tmp_path / "theirs", "-O", "/dev/null",
            f"http://127.0.0.1:{port}/page",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    finally:
        server.terminate()
        server.wait(20)
    report = verify_file(tmp_path / "theirs.warc.gz")
    assert report.clean
    assert report.records["response"] == report.records["request"] == 1
    assert not report.payloads["fail"]
