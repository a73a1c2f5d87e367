"""One fact, many phrasings. Each function prints its sentence and notes what it states."""

from crawler.practice.draft import Draft

NO_REQUESTS = (
    "本年度未收到要求公开政府信息的申请。",
    "全年没有收到公民、法人或者其他组织提出的政府信息公开申请。",
    "{year}年，{we}收到政府信息公开申请0件。",
    "{year}年，{we}无依申请公开政府信息事项。",
    "{we}本年度没有发生政府信息公开申请。",
)
SOME_REQUESTS = (
    "{year}年，{we}共收到政府信息公开申请{n}",
    "全年受理依申请公开政府信息{n}",
    "本年度{we}收到公众提出的政府信息公开申请{n}",
)
MODES = (
    ("online", ("网上申请", "通过网络提交")),
    ("letter", ("信函申请", "邮寄申请")),
    ("in_person", ("当面申请", "现场申请")),
    ("fax", ("传真申请",)),
    ("email", ("电子邮件申请",)),
)
NO_FEES = (
    "{year}年，{we}提供政府信息未收取任何费用。",
    "本年度没有发生政府信息公开收费，也没有减免事项。",
    "{we}未向申请人收取检索、复制、邮寄等费用。",
    "全年政府信息公开收费0元。",
)
SOME_FEES = (
    "全年依申请提供政府信息收取检索、复制等费用共计{n}元。",
    "本年度政府信息公开收费{n}元，均按规定标准执行。",
)
NEITHER = (
    "没有发生因政府信息公开引起的行政复议和行政诉讼。",
    "未出现针对政府信息公开工作的行政复议案件，也未出现行政诉讼案件。",
    "{year}年，{we}无因政府信息公开申请行政复议、提起行政诉讼的情况。",
    "本年度政府信息公开行政复议0件，行政诉讼0件。",
    "无。",
)
ONLY_REVIEW = (
    "全年没有因政府信息公开被申请行政复议。",
    "{we}未收到因政府信息公开申请的行政复议。",
)
CONDITIONAL = "全年未发生因答复超期引发的行政复议和行政诉讼。"  # others may have happened
SOME_REMEDIES = (
    "{year}年，因政府信息公开引起的行政复议{a}件，行政诉讼{b}件。",
    "全年发生涉及政府信息公开的行政复议案件{a}件、行政诉讼案件{b}件。",
)


def active(draft: Draft) -> str:
    """How much was published; now and then how much of it on the website."""
    size = draft.organ.size
    number = draft.roll.randint(40, 2500) * (size if draft.chance(0.5) else 1)
    said = draft.count("prose.active.total", number, "条", exact=False)
    sentence = draft.pick(
        (
            "{year}年，{we}通过各类渠道主动公开政府信息{n}",
            "全年累计主动公开政府信息{n}",
            "一年来，{we}共发布各类政府信息{n}",
            "截至年底，当年主动公开政府信息{n}",
        ),
        n=said,
    )
    if draft.chance(0.6):
        share = max(1, number * draft.roll.randint(40, 90) // 100)
        printed = draft.count("prose.active.website", share, "条", exact=False)
        sentence += f"，其中在政府门户网站公开{printed}"
    return sentence + "。"


def normative(draft: Draft) -> str:
    if draft.chance(0.3):
        draft.note(0, "prose.normative.issued")
        return draft.pick(("{year}年没有制发规范性文件。", "全年未制发规范性文件。"))
    number = draft.roll.randint(1, 2 + draft.organ.size)
    said = draft.count("prose.normative.issued", number, "件")
    return draft.pick(("全年制发规范性文件{n}。", "{we}共制定规范性文件{n}，均已公开。"), n=said)


def requests(draft: Draft) -> tuple[str, ...]:
    """Requests received, by way of arrival, and how they were answered."""
    if draft.chance(0.4):
        draft.note(0, "prose.requests.total")
        return (draft.pick(NO_REQUESTS),)
    number = draft.roll.randint(1, 10 * draft.organ.size)
    said = draft.count("prose.requests.total", number, "件")
    sentence = draft.pick(SOME_REQUESTS, n=said)
    if draft.chance(0.65):
        sentence += "，其中" + _modes(draft, number)
    return sentence + "。", _replies(draft, number) if draft.chance(0.7) else ""


def _modes(draft: Draft, number: int) -> str:
    """Split the requests over two or three ways; a way that nobody used is not mentioned."""
    ways = draft.roll.sample(MODES[:3] if draft.chance(0.7) else MODES, draft.roll.choice((2, 3)))
    said = []
    for position, (key, phrases) in enumerate(ways):
        last = position == len(ways) - 1
        share = number if last else draft.roll.randint(0, number)
        number -= share
        if share:
            printed = draft.count(f"prose.requests.{key}", share, "件")
            said.append(draft.roll.choice(phrases) + printed)
    return draft.roll.choice(("、", "，")).join(said)


def _replies(draft: Draft, number: int) -> str:
    granted = draft.roll.randint(0, number)
    partial = draft.roll.randint(0, number - granted)
    parts = (("granted", "予以公开", granted), ("partial_grant", "部分公开", partial))
    denied = ("denied", "不予公开", number - granted - partial)
    said = [
        word + draft.count(f"prose.replies.{key}", share, "件")
        for key, word, share in (*parts, denied)
        if share
    ]
    if draft.chance(0.5):
        total = draft.count("prose.replies.total", number, "件")
        return f"已答复{total}，其中{'、'.join(said)}。"
    return f"上述申请均在规定期限内答复，其中{'、'.join(said)}。"


def consultations(draft: Draft) -> str:
    phone, visits = draft.roll.randint(20, 900), draft.roll.randint(5, 400)
    total = draft.count("prose.consultations.total", phone + visits, "人次")
    by_phone = draft.count("prose.consultations.phone", phone, "人次")
    in_person = draft.count("prose.consultations.in_person", visits, "人次")
    return f"全年共接受政府信息公开咨询{total}，其中电话咨询{by_phone}，现场咨询{in_person}。"


def fees(draft: Draft) -> str:
    if draft.chance(0.9):
        draft.note(0, "prose.fees.amount")
        return draft.pick(NO_FEES)
    amount = draft.roll.choice((12, 36.5, 126, 480, 5200))
    draft.note(amount, "prose.fees.amount")
    return draft.pick(SOME_FEES, n=amount)


def remedies(draft: Draft) -> str:
    """Reviews and lawsuits: zero, some, only half answered, or answered beside the point."""
    case = draft.roll.choices(("none", "all", "some", "half", "beside"), (55, 15, 15, 10, 5))[0]
    both = ("prose.review.total", "prose.litigation.total")
    if case == "none":
        draft.note(0, *both)
        return draft.pick(NEITHER)
    if case == "all":
        draft.note(0, "prose.complaints.total", *both)
        return draft.pick(
            (
                "未接到针对政府信息公开的举报投诉，也没有因此产生的行政复议和行政诉讼。",
                "无涉及政府信息公开的举报、投诉、行政复议和行政诉讼。",
            )
        )
    if case == "half":
        draft.note(0, both[0])
        return draft.pick(ONLY_REVIEW)
    if case == "beside":
        return CONDITIONAL
    reviews, lawsuits = draft.roll.randint(1, 4), draft.roll.randint(0, 3)
    draft.note(reviews, both[0])
    draft.note(lawsuits, both[1])
    return draft.pick(SOME_REMEDIES, a=reviews, b=lawsuits)


def staff(draft: Draft) -> str:
    full, part = draft.roll.randint(0, 3), draft.roll.randint(1, 6)
    said = draft.count("prose.staff.part_time", part, "人")
    if not full:
        return f"{draft.organ.we}从事政府信息公开工作的兼职人员{said}。"
    whole = draft.count("prose.staff.full_time", full, "人")
    return f"{draft.organ.we}配备政府信息公开专职人员{whole}、兼职人员{said}。"


def training(draft: Draft) -> str:
    if draft.chance(0.15):
        return "日常以老带新，边干边学。"
    sessions = draft.count("prose.training.sessions", draft.roll.randint(1, 8), "次")
    return draft.pick(
        ("全年组织政府信息公开业务培训{n}。", "{year}年，{we}举办政府信息公开培训{n}。"), n=sessions
    )


def interpretations(draft: Draft) -> str:
    if draft.chance(0.3):
        return ""
    number = draft.roll.randint(1, 12 * draft.organ.size)
    said = draft.count("prose.interpretations.total", number, "篇")
    return draft.pick(("全年发布政策解读{n}。", "共发布政策解读稿件{n}。"), n=said)
