"""Files as others write them, and what is in them once they were imported."""

import gzip
from dataclasses import replace

from archive import read as read_where_it_lies

URL = "http://www.yanshi.test/a"
BODY = "<html>年度报告</html>".encode("gb18030")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: a\r\n\r\n" + BODY
ASKED = b"GET /a HTTP/1.1\r\nHost: www.yanshi.test\r\n\r\n"


def record(type_="response", block=ANSWER, *, number=1, newline="\r\n", version="1.0", **fields):
    """A WARC record as bytes; a field given as None is left out."""
    kind = {"response": "response", "revisit": "response", "request": "request"}.get(type_)
    given = {
        "WARC-Type": type_,
        "WARC-Record-ID": f"<urn:uuid:00000000-0000-4000-8000-{number:012}>",
        "WARC-Date": f"2013-05-01T02:03:{number % 60:02}Z",
        "WARC-Target-URI": URL,
        "Content-Type": f"application/http; msgtype={kind}" if kind else None,
        "Content-Length": str(len(block)),
    }
    given |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"WARC/{version}", *(f"{k}: {v}" for k, v in given.items() if v is not None), "", ""]
    head = newline.join(lines).encode("utf-8", "surrogateescape")
    return head + block + newline.encode() * 2


def pair(number=1):
    """A response and its request, each a member."""
    beside = f"<urn:uuid:00000000-0000-4000-8000-{number:012}>"
    asked = record("request", ASKED, number=number + 500, WARC_Concurrent_To=beside)
    return [record(number=number), asked]


def members(records):
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def arc(*records, version="1"):
    about = f"{version} 0 Tool\nURL IP-address Archive-date Content-type Archive-length\n".encode()
    first = b"filedesc://a.arc 0.0.0.0 20080501000000 text/plain %d\n" % len(about) + about
    return [first + b"\n", *(one + b"\n" for one in records)]


def arc_record(url=URL, block=ANSWER, length=None):
    size = len(block) if length is None else length
    return f"{url} 10.0.0.1 20080501020304 text/html {size}\n".encode() + block


def read(store, capture):
    """What is archived, all of it in memory."""
    stored = read_where_it_lies(store, capture)
    return replace(stored, response=bytes(stored.response))
