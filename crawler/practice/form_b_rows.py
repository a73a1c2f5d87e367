"""The national statistics form of 2014–2018 (form B): rows as key, printed label and unit.

A key "" is a heading. Shandong inserts a part and so shifts the numerals of all that follows.
"""

Row = tuple[str, str, str]

CHANNELS = ("gazette", "website", "weibo", "wechat", "other")
MODES = ("in_person", "fax", "online", "letter")
REASONS = (
    "state_secret", "trade_secret", "privacy", "safety_stability", "not_government_info",
    "other_legal",
)  # fmt: skip
ANSWERS = ("already_public", "not_this_organ", "not_exist", "asked_to_amend", "other_channel")
APPEALS = ("review", "litigation", "complaints")
RESULTS = ("maintain", "correct", "other")

_ACTIVE: tuple[Row, ...] = (
    ("", "一、主动公开情况", ""),
    ("active.total", "（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）", "条"),
    ("active.normative_published", "其中：主动公开规范性文件数", "条"),
    ("active.normative_issued", "制发规范性文件总数", "件"),
    ("", "（二）通过不同渠道和方式公开政府信息的情况", ""),
    ("channels.gazette", "1.政府公报公开政府信息数", "条"),
    ("channels.website", "2.政府网站公开政府信息数", "条"),
    ("channels.weibo", "3.政务微博公开政府信息数", "条"),
    ("channels.wechat", "4.政务微信公开政府信息数", "条"),
    ("channels.other", "5.其他方式公开政府信息数", "条"),
    ("", "二、回应解读情况", ""),
    (
        "response.hot_topics",
        "（一）回应公众关注热点或重大舆情数（不同方式回应同一热点计1次）",
        "次",
    ),
    ("", "（二）通过不同渠道和方式回应解读的情况", ""),
    ("response.press_conferences", "1.参加或举办新闻发布会总次数", "次"),
    ("response.press_conferences_by_head", "其中：主要负责同志参加新闻发布会次数", "次"),
    ("response.online_interviews", "2.政府网站在线访谈次数", "次"),
    ("response.online_interviews_by_head", "其中：主要负责同志参加政府网站在线访谈次数", "次"),
    ("response.interpretation_articles", "3.政策解读稿件发布数", "篇"),
    ("response.weibo_wechat", "4.微博微信回应事件数", "次"),
    ("response.other", "5.其他方式回应事件数", "次"),
)
_REQUESTS: tuple[Row, ...] = (
    ("", "三、依申请公开情况", ""),
    ("requests.total", "（一）收到申请数", "件"),
    ("requests.in_person", "1.当面申请数", "件"),
    ("requests.fax", "2.传真申请数", "件"),
    ("requests.online", "3.网络申请数", "件"),
    ("requests.letter", "4.信函申请数", "件"),
)
_OTHER_MODE: Row = ("requests.other", "5.其他形式申请数", "件")
_REPLIES: tuple[Row, ...] = (
    ("closed.total", "（二）申请办结数", "件"),
    ("closed.on_time", "1.按时办结数", "件"),
    ("closed.extended", "2.延期办结数", "件"),
    ("replies.total", "（三）申请答复数", "件"),
    ("replies.already_public", "1.属于已主动公开范围数", "件"),
    ("replies.granted", "2.同意公开答复数", "件"),
    ("replies.partial_grant", "3.同意部分公开答复数", "件"),
    ("replies.denied.total", "4.不同意公开答复数", "件"),
    ("replies.denied.state_secret", "其中：涉及国家秘密", "件"),
    ("replies.denied.trade_secret", "涉及商业秘密", "件"),
    ("replies.denied.privacy", "涉及个人隐私", "件"),
    ("replies.denied.safety_stability", "危及国家安全、公共安全、经济安全和社会稳定", "件"),
    ("replies.denied.not_government_info", "不是《条例》所指政府信息", "件"),
    ("replies.denied.other_legal", "法律法规规定的其他情形", "件"),
    ("replies.not_this_organ", "5.不属于本行政机关公开数", "件"),
    ("replies.not_exist", "6.申请信息不存在数", "件"),
    ("replies.asked_to_amend", "7.告知作出更改补充数", "件"),
    ("replies.other_channel", "8.告知通过其他途径办理数", "件"),
)
_TITLES = ("四、行政复议数量", "五、行政诉讼数量", "六、举报投诉数量")
_RESULT_LABELS = (
    ("（一）维持具体行政行为数", "（二）被依法纠错数", "（三）其他情形数"),
    ("（一）维持具体行政行为或者驳回原告诉讼请求数", "（二）被依法纠错数", "（三）其他情形数"),
    ("（一）维持具体行政行为数", "（二）被依法纠错数", "（三）其他情形数"),
)
_APPEAL_ROWS: tuple[Row, ...] = tuple(
    row
    for appeal, title, labels in zip(APPEALS, _TITLES, _RESULT_LABELS, strict=True)
    for row in (
        (f"{appeal}.total", title, "件"),
        *((f"{appeal}.{result}", text, "件")
          for result, text in zip(RESULTS, labels, strict=True)),
    )
)  # fmt: skip
_LIBRARY: tuple[Row, ...] = (
    ("library_deposits.total", "七、向图书馆、档案馆等查阅场所报送信息数", "条"),
    ("library_deposits.paper", "（一）纸质文件数", "件"),
    ("library_deposits.electronic", "（二）电子文件数", "条"),
)
_MEANS: tuple[Row, ...] = (
    ("fees.amount_wan_yuan", "{}、依申请公开信息收取的费用", "万元"),
    ("", "{}、机构建设和保障经费情况", ""),
    ("organisation.units", "（一）政府信息公开工作专门机构数", "个"),
    ("organisation.reading_points", "（二）设置政府信息公开查阅点数", "个"),
    ("staff.total", "（三）从事政府信息公开工作人员数", "人"),
    ("staff.full_time", "1.专职人员数（不包括政府公报及政府网站工作人员数）", "人"),
    ("staff.part_time", "2.兼职人员数", "人"),
    (
        "budget_wan_yuan",
        "（四）政府信息公开专项经费（不包括用于政府公报编辑管理及政府网站建设维护等方面的经费）",
        "万元",
    ),
    ("", "{}、政府信息公开会议和培训情况", ""),
    ("meetings", "（一）召开政府信息公开工作会议或专题会议数", "次"),
    ("training.sessions", "（二）举办各类培训班数", "次"),
    ("training.attendees", "（三）接受培训人员数", "人次"),
)


def rows(*, library: bool, other_mode: bool) -> tuple[Row, ...]:
    """The form as printed: with Shandong's part seven, with a fifth way to apply, or without."""
    numerals = iter("八九十" if library else "七八九")
    means = tuple(
        (key, label.format(next(numerals)) if "{}" in label else label, unit)
        for key, label, unit in _MEANS
    )
    return (
        *_ACTIVE,
        *_REQUESTS,
        *((_OTHER_MODE,) if other_mode else ()),
        *_REPLIES,
        *_APPEAL_ROWS,
        *(_LIBRARY if library else ()),
        *means,
    )
