"""Form B: the national statistics form of report years 2014 to 2018, and its local variants.

Lines stand in printed order. Provinces insert parts (Shandong's library deposits) and rows; labels
are matched, never numerals.
"""

from __future__ import annotations

import re

from pipelines.parser.rows import line

_APPEALS = (("review", "行政复议"), ("litigation", "行政诉讼"), ("complaints", "举报投诉"))

TEMPLATE = (
    line("", r"^(?:主动公开|回应解读|依申请公开)情况$"),
    line("", r"通过不同渠道和方式"),
    line("active.total", r"^主动公开政府信息数", "条", opens="active"),
    line("active.normative_published", r"主动公开规范性文件", "条"),
    line("active.normative_issued", r"制发规范性文件", "件"),
    line("channels.gazette", r"政府公报公开", "条", opens="channels"),
    line("channels.website", r"(?:政府|门户)网站公开", "条"),
    line("channels.weibo", r"微博公开", "条"),
    line("channels.wechat", r"微信公开", "条"),
    line("channels.other", r"其他方式公开", "条"),
    line("response.hot_topics", r"重大舆情|回应公众关注", "次", opens="response"),
    line("response.press_conferences", r"^(?!.*主要负责).*新闻发布会", "次"),
    line("response.press_conferences_by_head", r"主要负责同志.{0,8}新闻发布会", "次"),
    line("response.online_interviews", r"^(?!.*主要负责).*在线访谈", "次"),
    line("response.online_interviews_by_head", r"主要负责同志.{0,10}在线访谈", "次"),
    line("response.interpretation_articles", r"解读稿件", "篇"),
    line("response.weibo_wechat", r"微[博信]微?[博信]?回应", "次"),
    line("response.other", r"其他方式回应", "次"),
    line("requests.total", r"^收到(?:的)?申请(?:总)?数", "件", opens="requests"),
    line("requests.in_person", r"^当面", "件", "requests"),
    line("requests.fax", r"^传真", "件", "requests"),
    line("requests.online", r"^网络|^网上", "件", "requests"),
    line("requests.letter", r"^信函", "件", "requests"),
    line("requests.other", r"^其他(?:形式|方式)", "件", "requests", local=True),
    line("closed.total", r"^申请办结", "件", opens="closed"),
    line("closed.on_time", r"^按时办结", "件"),
    line("closed.extended", r"^延期办结", "件"),
    line("replies.total", r"^申请答复", "件", opens="replies"),
    line("replies.already_public", r"已主动公开范围", "件"),
    line("replies.granted", r"^同意公开", "件"),
    line("replies.partial_grant", r"同意部分公开", "件"),
    line("replies.denied.total", r"^不同意公开", "件", opens="denied"),
    line("replies.denied.state_secret", r"国家秘密", "件", "denied"),
    line("replies.denied.trade_secret", r"商业秘密", "件", "denied"),
    line("replies.denied.privacy", r"个人隐私", "件", "denied"),
    line("replies.denied.safety_stability", r"危及|社会稳定", "件", "denied"),
    line("replies.denied.not_government_info", r"条例所指", "件", "denied"),
    line("replies.denied.other_legal", r"其他情[形况]", "件", "denied"),
    line("replies.not_this_organ", r"不属于本行政机关", "件", opens="replies"),
    line("replies.not_exist", r"信息不存在", "件", opens="replies"),
    line("replies.asked_to_amend", r"更改补充", "件", opens="replies"),
    line("replies.other_channel", r"其他途径", "件", opens="replies"),
    *(
        each
        for key, word in _APPEALS
        for each in (
            line(f"{key}.total", rf"{word}(?:数量|数|情况)?$", "件", opens=key),
            line(f"{key}.maintain", r"^维持", "件", key),
            line(f"{key}.correct", r"纠错|纠正", "件", key),
            line(f"{key}.other", r"^其他", "件", key),
        )
    ),
    # Shandong's part seven counts paper in 件 and files in 条, its sum in either.
    line("library_deposits.total", r"图书馆", opens="library", local=True),
    line("library_deposits.paper", r"^纸质", "件", "library", local=True),
    line("library_deposits.electronic", r"^电子文", "条", "library", local=True),
    line("fees.amount_wan_yuan", r"收取的?费用", "万元", opens="fees"),
    line("", r"保障经费情况|会议和培训情况", opens="organisation"),
    line("organisation.units", r"专门机构", "个"),
    line("organisation.reading_points", r"查阅点", "个"),
    line("staff.total", r"从事政府信息公开工作", "人", opens="staff"),
    line("staff.full_time", r"^专职", "人", "staff"),
    line("staff.part_time", r"^兼职", "人", "staff"),
    line("budget_wan_yuan", r"专项经费", "万元", opens="budget"),
    line("meetings", r"专题会议|工作会议", "次", opens="meetings"),
    line("training.sessions", r"培训班", "次"),
    line("training.attendees", r"接受培训|培训人员", "人次"),
)

# Rows that no other form has.
OWN = re.compile(
    r"^主动公开政府信息数|主动公开规范性文件|制发规范性文件|回应公众关注|通过不同渠道和方式|^申请办结"
)
