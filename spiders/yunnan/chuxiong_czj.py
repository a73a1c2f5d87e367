"""楚雄彝族自治州财政局 — VSB."""

from spiders.families import VsbPortal


class ChuxiongCzj(VsbPortal):
    name = "yunnan_chuxiong_czj"
    code = "532300"
    site = "https://czj.cxz.gov.cn"

    # Among the start addresses of a public Scrapy spider of this host, czj_cxz_gov_cn.
    sections = {"annual_report": "/zfxxgk/zfxxgknb.htm", "guide": ""}
    known = {"annual_report": "seen"}
