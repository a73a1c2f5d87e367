"""苍南县人民政府 — Hanweb JCMS, one column a year."""

from crawler.items import Expect
from spiders.families import HanwebPortal


class Cangnan(HanwebPortal):
    name = "zhejiang_cangnan"
    code = "330327"
    site = "http://www.cncn.gov.cn"

    # The 2013 column, inferred from a copy of its report; those of other years are not known.
    sections = {"annual_report": "/col/col1229257251/index.html"}
    known = {"annual_report": "inferred"}
    expect = Expect(reports=(1, 20), since=2013)
