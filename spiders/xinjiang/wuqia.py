"""乌恰县人民政府 — UCAP, a channel a year."""

from spiders.families import UcapPortal


class Wuqia(UcapPortal):
    name = "xinjiang_wuqia"
    code = "653024"
    site = "http://www.xjwqx.gov.cn"

    # Family certain: reports of 2025 are in /xjwqx/c128570/202601/, of 2022 in c116485/202301/.
    # What holds the years' channels is not known: searched for from the home page.
    sections = {"annual_report": "", "guide": ""}
