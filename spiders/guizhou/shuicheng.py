"""六盘水市水城区人民政府 — TRS WCM, a column a year."""

from spiders.families import TrsPortal


class Shuicheng(TrsPortal):
    name = "guizhou_shuicheng"
    code = "520204"
    site = "http://www.shuicheng.gov.cn"
    columns = "a[href^='./nb_20'], a[href*='/zfxxgknb/nb_20'][href$='/']"

    # Both in the notes of a public classifier of columns; so is nb_2022n/ below the first.
    sections = {
        "annual_report": "/newsite/zwgk/zfxxgk_1/zfxxgknb/",
        "guide": "/newsite/zwgk/zfxxgk_1/zfxxgkzn/",
    }
    known = {"annual_report": "seen", "guide": "seen"}
