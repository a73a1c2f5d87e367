"""沈阳市人民政府 — TRS WCM, a column a year, then one an organ's kind."""

from spiders.families import TrsPortal


class Shenyang(TrsPortal):
    name = "liaoning_shenyang"
    code = "210100"
    site = "https://www.shenyang.gov.cn"
    columns = "a[href^='./20'][href$='/'], a[href*='/zfxxgkndgzbg/20'][href$='/']"

    # Its office's 2025 report is 2025n/bmzfxxgkndbg2024/202601/t20260130_4980251.html below.
    sections = {"annual_report": "/zwgk/zfxxgkndgzbg/", "guide": ""}
    known = {"annual_report": "seen"}
