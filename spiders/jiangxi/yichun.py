"""宜春市人民政府 — UCAP, a channel a year."""

from spiders.families import UcapPortal


class Yichun(UcapPortal):
    name = "jiangxi_yichun"
    code = "360900"
    site = "http://www.yichun.gov.cn"

    # Family certain: its 2021 report is in /ycsrmzf/2021nb/202203/, a name of 32 hex digits.
    # What holds the years' channels is not known: searched for from the home page.
    sections = {"annual_report": "", "guide": ""}
