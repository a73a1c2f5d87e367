"""How reports say their numbers, as data. `phrase` says what a line of it means."""

from __future__ import annotations

from pipelines.parser.phrase import GAP, PEOPLE, count, phrase

_APPLICATION = r"(?:政府信息公开|政府信息申请公开|信息公开|依申请公开|公开政府信息)"
_NOT_APPLICATIONS = r"复议|诉讼|咨询|举报|投诉|转办|交办|结转|建议|提案|培训|指导|意见"
_AS_NAMED = r"[\"“”」]?(?:的|答复|总|件|数|量|为|有|共){0,5}"
_BUSINESS = r"窗口|大厅|业务|许可|审批|事项"
_ONE_FEE = r"(?:检索|复制|复印|打印|邮寄|工本)费(?:为|共)? ?\d"  # and others beside it
_FEE = r"(?:检索|查找|复制|复印|打印|扫描|邮寄|邮递|递送|工本)费?用?"
_NO_OUTCOME = "(?<!予以公开)(?<!部分公开)(?<!不予公开)(?<!同意公开)"
_DENIED = r"没有|未经|未发生|不存在"

PHRASES = (
    phrase(
        "active.total",
        rf"主动(?:向社会)?公开(?:发布)?(?:的|了)?(?:各类|各项)?(?:政府|政务)?信息{GAP}{{0,8}}?"
        rf"{count('条|件|篇|次')}",
        3, "active",
    ),
    phrase(
        "active.total",
        rf"(?:累计|共|共计|总计)(?:公开|公布)(?:各类|各项)?(?:政府|政务)?信息{GAP}{{0,6}}?"
        rf"{count('条|件|篇')}",
        2, "active",
    ),
    phrase(
        "active.total",
        rf"(?:累计|共|共计|总计)发布(?:各类|各项)?政府信息{GAP}{{0,6}}?{count('条|件|篇')}",
        1,
        "active",
    ),
    phrase(
        "active.total",
        rf"公开(?:政府|政务)?信息(?:的)?总[数量](?:为|达|是)? ?{count('条|件|篇')}",
        1, "active",
    ),
    phrase(
        "published.total",
        rf"(?:公报|微信|微博|公众号|网站|门户网){GAP}{{0,6}}?公开(?:了)?(?:各类)?(?:政府|政务)?信息"
        rf"{GAP}{{0,6}}?{count('条|件|篇')}",
    ),
    phrase(
        "active.website",
        rf"网站?上?(?:主动)?公开(?:各类)?(?:政府|政务)?信息{GAP}{{0,6}}?{count('条|件|篇')}",
        2, "active",
    ),
    phrase(
        "published.total",
        rf"(?<!公开)发布(?:的|了)?(?:各类|各项)?(?:政府|政务)?信息{GAP}{{0,6}}?{count('条|件|篇')}",
        unless=r"报刊|日报|晚报|晨报|电视|媒体",
    ),
    phrase(
        "requests.total",
        rf"(?:新收|收到|受理|接收|接到|收办|办理)(?:的|了)?[^。;,\d]{{0,16}}{_APPLICATION}{GAP}{{0,14}}?"
        rf"{count('件|份|条|次|人次|宗|起|例|个')}",
        3, "requests", unless=_NOT_APPLICATIONS,
    ),
    phrase(
        "requests.total",
        rf"依申请公开(?:政府)?信息{GAP}{{0,6}}?{count('件|份|条|次|人次')}",
        1, "requests", unless=rf"{_NOT_APPLICATIONS}|信息数",
        # Of all the information an organ made, some is published only on application.
        nowhere=r"制作|清理|梳理|生成|不予公开(?:政府)?信息",
    ),
    phrase(
        "requests.total",
        rf"(?:政府信息公开|信息公开)申请(?:总)?(?:件)?(?:数量?|量)(?:为|是|共)?[ :]?"
        rf"{count('件|份|宗')}",
        1, "requests", unless=rf"{_NOT_APPLICATIONS}|答复|办结|网[上络]|当面|信函|传真",
    ),
    phrase(
        "requests.total",
        rf"(?:收到|受理|接收|接到)(?:了|的)?(?:公众|书面)?申请(?:总?数)?(?:共|共计|为)?[ :]?"
        rf"{count('件|份|宗|起|例')}",
        1, "requests", context="section", unless=rf"{_NOT_APPLICATIONS}|{_BUSINESS}",
        nowhere=r"窗口|大厅|许可|审批|群众",
    ),
    phrase(
        "requests.total",
        rf"(?:收到|受理|接到)(?:了)? ?{count('件|份|条|次|宗')}"
        r"(?=(?:要求|关于)?(?:申请)?(?:政府)?信息公开|依申请公开)",
        2, "requests", unless=_NOT_APPLICATIONS,
    ),
    *(
        phrase(
            f"closed.{key}",
            rf"(?:{word})办结(?:的|了|数)? ?{count('件|份|宗')}",
            2, "requests", context="disclosure", unless=_BUSINESS,
        )
        for key, word in (("on_time", "按时|按期"), ("extended", "延期"))
    ),
    phrase(
        "replies.total",
        rf"{_NO_OUTCOME}答复(?:了)?(?:[^。;,、\d]{{0,6}}{_APPLICATION}(?:申请)?)? ?(?:共|共计)? ?"
        rf"{count('件|份|次')}",
        2, "requests", context="disclosure", unless=r"咨询|建议|提案|来信",
    ),
    phrase(
        "replies.total",
        rf"申请的?答复(?:总数|总件数|数量?|件数)(?:为|是|共)?[ :]?{count('件|份|次')}",
        2, "requests", context="disclosure",
    ),
    phrase(
        "replies.granted",
        rf"(?<!不)(?<!公开[及和、与或])(?:予以公开|同意公开){_AS_NAMED} ?{count('件|份|条')}",
        2, "requests", context="disclosure",
    ),
    phrase(
        "replies.partial_grant",
        rf"(?<!公开[及和、与或])(?:同意|予以)?(?<!公开[及和、与或])部分公开{_AS_NAMED} ?"
        rf"{count('件|份|条')}",
        2, "requests", context="disclosure", unless=r"公开[及和、或]",
    ),
    phrase(
        "replies.denied",
        rf"(?<!公开[及和、与或])(?:不予公开|不同意公开){_AS_NAMED} ?{count('件|份|条')}",
        2, "requests", context="disclosure",
    ),
    phrase(
        "review.total",
        rf"(?<!未经)(?:行政)?复议(?!机[关构]|决定|被告|前置)(?:申请|案件|案)?[^。;,、\d%()诉和及与或]{{0,10}}?{count('件|起|宗|例|次')}",
        2, "review", context="disclosure", unless=rf"受理|审理|被申请人|审结|维持|纠正|{_DENIED}",
    ),
    phrase(
        "litigation.total",
        rf"(?<![复议][、和及与或]行政)(?<![复议][、和及与或])诉讼(?:案件|案)?{GAP}{{0,10}}?"
        rf"{count('件|起|宗|例|次')}",
        2, "review", context="disclosure",
        unless=rf"复议后|审结|维持|纠正|复议[、和及与或]|{_DENIED}",
    ),
    phrase(
        "complaints.total",
        rf"因[^。;,\d]{{0,8}}信息公开[^。;,、\d]{{0,10}}(?:举报|投诉){GAP}{{0,6}}?{count('件|起|宗|次')}",
        2, "review", context="disclosure",
    ),
    phrase(
        "complaints.total",
        rf"(?:举报投诉|投诉举报)(?:案件|数)? ?{count('件|起|宗')}", 1, "review", context="section",
    ),
    phrase(
        "fees.amount",
        rf"收取(?:了|的)?[^。;,\d]{{0,16}}费(?:用)?(?:共计|合计|共|计)?{GAP}{{0,4}}?{count('万元|元')}",
        2, "fees", context="disclosure", unless=r"税费", nowhere=_ONE_FEE,
    ),
    phrase(
        "fees.amount",
        rf"{_FEE}(?:[、和及与或]{_FEE}){{1,4}}(?:等)?(?:各项|相关)?(?:成本)?(?:费用)?"
        rf"(?:共计|合计|总计|共|计|为)? ?{count('万元|元')}",
        2, "fees", context="disclosure", unless=r"减免|免收|免除|标准|退",
    ),
    phrase(
        "fees.amount",
        r"(?:(?:信息公开|信息|处理)收?费|(?<![^。;,、 ])收费)(?:用)?(?:金额|总额)?"
        rf"(?:共计|合计|共|计|为)? ?{count('万元|元')}",
        2, "fees", context="disclosure", unless=r"税费",
    ),
    phrase(
        "consultations.total",
        rf"(?:接受|受理|接待)(?:了)?[^。;,\d]{{0,30}}咨询(?:业务|服务)?{GAP}{{0,4}}?{count()}",
        2, "consultations", context="disclosure", unless=r"网|电话|热线|当面",
    ),
    phrase(
        "consultations.phone",
        rf"(?:咨询电话|电话咨询){GAP}{{0,6}}?{count()}", 2, "consultations", context="disclosure",
    ),
    phrase(
        "consultations.in_person",
        rf"(?:当面|现场|来访)咨询{GAP}{{0,4}}?{count()}", 2, "consultations", context="disclosure",
    ),
    phrase(
        "consultations.online",
        rf"(?:网上|网络|在线)咨询{GAP}{{0,4}}?{count()}", 2, "consultations", context="disclosure",
    ),
    phrase(
        "normative.issued",
        rf"(?:制定|制发|出台|印发)(?:了)?(?:行政)?规范性文件{GAP}{{0,3}}?{count('件|个|份')}",
    ),
    phrase(
        "normative.published",
        rf"(?:公开|发布)(?:了)?(?:行政)?规范性文件{GAP}{{0,3}}?{count('件|个|份|条')}",
    ),
    phrase(
        "interpretations.total",
        rf"(?:(?<!新闻)发布|公开|制作)(?:了|并)?{GAP}{{0,10}}?解读{GAP}{{0,8}}?{count('篇|条|件|期|次|个')}",
        2, "response",
    ),
    phrase(
        "response.hot_topics",
        rf"回应{GAP}{{0,12}}?(?:热点|舆情|关切){GAP}{{0,8}}?{count('次|件|个|条')}",
        2, "response",
    ),
    phrase(
        "response.press_conferences",
        rf"(?:召开|举办|参加|组织)(?:了)?{GAP}{{0,8}}?新闻发布会{GAP}{{0,4}}?{count('次|场')}",
        2, "response", unless=r"负责",
    ),
    phrase(
        "staff.part_time",
        rf"{PEOPLE}兼职(?=[^。;,]{{0,10}}(?:人员|专干))",
        2, "support",
    ),
    phrase(
        "staff.full_time",
        rf"{PEOPLE}[专全]职(?=[^。;,]{{0,10}}(?:人员|专干))",
        2, "support",
    ),
    *(
        phrase(
            f"staff.{key}",
            rf"{word}(?:工作)?人员(?:共)? ?{PEOPLE}",
            1,
            "support",
            context="disclosure",
        )
        for key, word in (("part_time", "兼职"), ("full_time", "[专全]职"))
    ),
    phrase(
        "training.sessions",
        rf"(?:举办|组织|召开|开展)(?:了)?[^。;,\d]{{0,20}}培训[班会]?{GAP}{{0,4}}?{count('次|期|场')}",
        2, "support", context="disclosure",
    ),
    phrase(
        "training.attendees",
        rf"(?:培训|参训)(?:工作)?(?:人员|人数|干部)?(?:共|达|约)? ?{count('人次|人')}",
        2, "support", context="disclosure",
    ),
)  # fmt: skip
