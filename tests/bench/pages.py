"""Generated pages for benchmarks: the same ones every time."""

from __future__ import annotations

import random
from itertools import accumulate

PHRASES = 5000
WORDS = (
    "政府信息公开年度报告主动公开依申请公开收到和处理行政机关情况因被提起行政复议诉讼"
    "存在的主要问题及改进其他需要事项本年新制作数量规章规范性文件对外许可处罚强制收费项目"
    "总金额单位人民市县区办公室局委员会一是在有中为不国我大工作会议部门加强推进建设服务"
)
TOP = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN">
<html xmlns="http://www.w3.org/1999/xhtml"><head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<title>政府信息公开工作年度报告</title><link rel="stylesheet" href="/images/style.css" />
<script type="text/javascript" src="/images/jquery.min.js"></script></head><body><div class="list">
"""
LINK = """<li><a href="{path}" target="_blank" title="{name}">{name}</a><span>{day}</span></li>
"""
CELL = '<td width="83" valign="center" style="border: 1px solid #000"><p>{}</p></td>'
Parts = list[tuple[str, bytes, bytes]]  # path, head, body


def pages(count: int) -> Parts:
    """Pages of about 48 KB as portals make them: navigation, a listing, prose, tables.

    Phrases recur as words do, the first far more often than the last. The pages compress about as
    well as the portals' own: 4.3 to 5 times.
    """
    chance = random.Random(20261122)
    phrases = ["".join(chance.choices(WORDS, k=chance.randrange(2, 13))) for _ in range(PHRASES)]
    often = list(accumulate(1 / (rank + 1) for rank in range(PHRASES)))
    made: Parts = []
    for number in range(count):
        out, size = [TOP], chance.randrange(20_000, 76_000)
        length = len(TOP.encode())
        for _ in range(50):
            day = f"20{chance.randrange(8, 26):02}-{chance.randrange(1, 13):02}"
            path = f"/xxgk/{day.replace('-', '')}/t{day}_{chance.randrange(10**7)}.html"
            name = "".join(chance.choices(phrases, cum_weights=often, k=5))
            out.append(LINK.format(path=path, name=name, day=day))
            length += len(out[-1].encode())
        while length < size:
            if chance.random() < 0.2:
                cells = "".join(CELL.format(chance.randrange(300)) for _ in range(8))
                out.append(f'<tr align="center">{cells}</tr>\n')
            else:
                prose = "，".join(
                    "".join(chance.choices(phrases, cum_weights=often, k=3))
                    for _ in range(chance.randrange(3, 15))
                )
                out.append(f'<p style="text-indent: 2em; line-height: 2">{prose}。</p>\n')
            length += len(out[-1].encode())
        body = "".join(out).encode()
        head = (
            "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n"
        )
        made.append((f"/{number}.html", head.encode(), body))
    return made
