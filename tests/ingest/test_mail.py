"""Reports by e-mail: words and attachments, whatever the sender's program made of them."""

from email.message import EmailMessage

import pytest

from tocsin.ingest.mail import MAX_DEPTH, MAX_MAIL_BYTES, MAX_TEXT_CHARS, read_mail
from tocsin.kernel import BadInput, TooLarge

TOLD = "A page asks for a fee before it pays a lottery refund."


def mail(text: str = TOLD, **headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in ({"From": "Somebody <somebody@example.org>", "Subject": "A refund"} | headers).items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def test_words_and_attachments_are_told_apart() -> None:
    made = mail(Message_ID="<a1@example.org>")
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="somebody-s-name.png")
    read = read_mail(bytes(made))
    assert (read.message_id, read.sender, read.subject, read.text) == (
        "a1@example.org",
        "somebody@example.org",
        "A refund",
        TOLD,
    )
    assert [(one.declared, one.content) for one in read.attached] == [("image/png", b"\x89PNG")]


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("Сугалааны буцаалт амласан хуудас", "utf-8"),
        ("Вам обещают возврат лотереи", "koi8-r"),
        ("一个网页承诺彩票退款", "gb18030"),
        ("صفحة تعد باسترداد اليانصيب", "windows-1256"),
    ],
)
def test_words_in_any_script(text: str, charset: str) -> None:
    made = mail()
    made.set_content(text, charset=charset, cte="base64")
    assert read_mail(bytes(made)).text == text


def test_of_a_page_only_its_text_is_read() -> None:
    made = mail()
    made.set_content(
        "<style>p{}</style><p>A page asks<br>for a fee</p><script>x()</script><img src='//t.example/1'>",
        subtype="html",
    )
    assert read_mail(bytes(made)).text == "A page asks\nfor a fee"


def test_plain_words_are_taken_before_the_page_that_repeats_them() -> None:
    made = mail()
    made.add_alternative(f"<p>{TOLD}</p>", subtype="html")
    assert read_mail(bytes(made)).text == TOLD


def test_an_unknown_charset_loses_no_report() -> None:
    raw = bytes(mail()).replace(b"utf-8", b"klingon")
    assert TOLD in read_mail(raw).text


def test_long_words_are_cut_and_it_is_said() -> None:
    read = read_mail(bytes(mail("a " * MAX_TEXT_CHARS)))
    assert len(read.text) == MAX_TEXT_CHARS
    assert read.cut


def nested(depth: int) -> bytes:
    inner = mail()
    for _ in range(depth):
        outer = mail()
        outer.add_attachment(inner)
        inner = outer
    return bytes(inner)


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"", "export it as .eml"),
        (b"no header at all", "export it as .eml"),
        (b"Subject:\n\n \n", "ask its sender"),
        (nested(MAX_DEPTH + 1), "send the parts that matter"),
        (b"\n".join(b"X-%d: 1" % n for n in range(600)) + b"\n\ntext", "export it as .eml"),
    ],
)
def test_what_is_no_report_is_refused_with_what_to_do(content: bytes, advice: str) -> None:
    with pytest.raises(BadInput, match=advice):
        read_mail(content)


def test_a_message_that_is_too_large_is_not_read() -> None:
    with pytest.raises(TooLarge):
        read_mail(b"Subject: a\n\n" + bytes(MAX_MAIL_BYTES))
