"""府谷县人民政府 — VSB, a column a year."""

from spiders.families import VsbPortal


class Fugu(VsbPortal):
    name = "shaanxi_fugu"
    code = "610822"
    site = "http://www.fg.gov.cn"

    # Family certain: its office's 2022 report is /info/1648/47211.htm (政府信息公开年报 > 2022年).
    # The column's path is not known: searched for from the home page.
    sections = {"annual_report": "", "guide": ""}
