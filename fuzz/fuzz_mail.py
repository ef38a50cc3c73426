"""An e-mail as a report: words and attachments, or a plain refusal."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.ingest.mail import read_mail
    from tocsin.kernel import BadInput


def one(data: bytes) -> None:
    try:
        mail = read_mail(data)
    except BadInput:
        return
    assert mail.text or mail.subject
    assert "\x00" not in mail.text


if __name__ == "__main__":
    fuzz(one)
