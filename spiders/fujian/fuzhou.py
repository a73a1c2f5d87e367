"""福州市人民政府 — TRS WCM, pages end in .htm."""

from spiders.families import TrsPortal


class Fuzhou(TrsPortal):
    name = "fujian_fuzhou"
    code = "350100"
    site = "http://www.fuzhou.gov.cn"

    # Its 2020 report is 202103/t20210301_4036522.htm below.
    sections = {
        "annual_report": "/zfxxgkzl/szfbmjxsqxxgk/szfbmxxgk/fzsrmzf/zfxxgkndbg/",
        "guide": "",
    }
    known = {"annual_report": "seen"}
