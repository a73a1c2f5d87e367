"""Disclosure guides: contact, channels, deadlines; null where the text does not say."""

from parser_pages import page

from pipelines.parser import parse

GUIDE = [
    "为方便公众获取政府信息，某某市水务局（以下简称本局）现调整2023年度信息公开指南如下：",
    "一、公开信息分类和编排体系",
    "二、获取形式",
    "网站：http://slj.example.gov.cn；微信号：slj_2020",
    "（二）公开时限",
    "自政府信息形成或者变更之日起20个工作日内予以公开。",
    "三、依申请公开",
    "可当面提交申请、信函申请或网上申请。在线提交申请：http://www.example.gov.cn/ysqgk/",
    "来信请寄：某某市解放路1号，须在信封左下角注明“政府信息公开申请”字样；邮政编码：123456。",
    "自收到申请之日起二十个工作日内予以答复；需要延长的，延长期限不超过20个工作日。",
    "受理机构：某某市水务局办公室",
    "地址：某某市解放路1号",
    "办公时间：上午8∶30至12∶00，下午14:00-17:30（法定节假日除外）",
    "联系电话：0999-8712345、8712346，传真：0999-8712347，电子邮箱：slj@example.gov.cn",
]


def guide(*lines):
    document = parse(page(*lines))[0]
    assert document.class_ == "disclosure_guide"
    return document


def test_a_guide_that_names_a_year_is_still_a_guide():
    document = guide(*GUIDE)
    assert (document.year, document.organ) == (2023, "某某市水务局")
    assert document.figures == ()


def test_contact_fields_are_read_as_printed():
    fields = guide(*GUIDE).guide
    assert fields["office_name"] == "某某市水务局办公室"
    assert fields["address"] == ["某某市解放路1号"]
    assert fields["postcode"] == "123456"
    assert fields["phones"] == ["0999-8712345", "8712346"]
    assert fields["faxes"] == ["0999-8712347"]
    assert fields["emails"] == ["slj@example.gov.cn"]
    assert fields["wechat"] == "slj_2020"
    assert fields["online_application_url"] == "http://www.example.gov.cn/ysqgk/"
    assert fields["office_hours"] == ["上午8∶30至12∶00，下午14:00-17:30（法定节假日除外）"]


def test_channels_and_deadlines_are_read():
    fields = guide(*GUIDE).guide
    assert fields["channels"] == ["in_person", "mail", "online"]
    assert fields["proactive_deadline_working_days"] == 20
    assert fields["reply_deadline_working_days"] == 20
    assert fields["extension_working_days"] == 20


def test_the_supervising_body_has_its_own_telephone():
    more = [*GUIDE, "监督机构：某某市政务公开办公室，地址：人民路2号，电话：0999-8700000"]
    body = guide(*more).guide["supervising_body"]
    assert body == {
        "name": "某某市政务公开办公室",
        "address": "人民路2号",
        "phone": "0999-8700000",
    }


def test_what_a_guide_does_not_say_is_null():
    fields = guide("某某市水务局政府信息公开指南", "一、公开时限", "及时公开政府信息。" * 20).guide
    assert fields["postcode"] is None
    assert fields["phones"] == []
    assert fields["reply_deadline_working_days"] is None
    assert fields["fee_policy"] is None


def test_reports_have_no_guide():
    assert parse(page("某某局2020年政府信息公开工作年度报告", "正文。" * 80))[0].guide is None
