"""聊城市行政审批服务局 — the Shandong platform; one channel holds guide and reports."""

from crawler.items import Expect
from spiders.families import ShandongPortal


class LiaochengXzspj(ShandongPortal):
    name = "shandong_liaocheng_xzspj"
    code = "371500"
    site = "http://zwzx.liaocheng.gov.cn"

    # One page holds the guide and the reports since 2012; public search results show its address.
    sections = {"annual_report": "/channel_lc_sxzspjchannel201911221748261556996309"}
    known = {"annual_report": "seen"}
    expect = Expect(reports=(11, 20), guides=(1, 1), since=2012)
    # 2018-12-29: the centre became a bureau; its reports name it in three ways.
    renamed = dict.fromkeys(
        ("聊城市政务服务中心管理办公室", "市政务服务中心管理办公室", "政务服务中心管理办公室"),
        "聊城市行政审批服务局",
    )
