"""Evaluations that a proposer brings as files: checked, or said aloud to be nobody's but the proposer's.

Enters: a signed statement of `tocsin evaluation attest`, or bare JSON. Leaves: an evaluation whose id is that of its
content. Refuses: a signature of no key that is believed, and bare JSON unless it was asked for by name.
"""

from collections.abc import Sequence

import msgspec

from tocsin.gate.whose import Word, recognised
from tocsin.kernel import BadInput, Conflict, TocsinError
from tocsin.kernel.evaluations import Evaluation
from tocsin.kernel.recognition import Recognition
from tocsin.trust.signing_keys import PublicKey


def read_evaluation(data: bytes, keys: Sequence[PublicKey], *, unsigned: bool = False) -> Evaluation:
    """The evaluation of a file; with its envelope as `statement` where one of `keys` signed it.

    Raises BadInput, TooLarge, and Conflict for a signature of none of the keys or an id that is not of the content.
    """
    from tocsin.evaluate.plans.attesting import verify_evaluation
    from tocsin.evaluate.plans.canonical import evaluation_id

    try:
        fields = msgspec.json.decode(data)
        bare = not isinstance(fields, dict) or "payload" not in fields
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"it is no JSON: {str(error)[:200]}") from None
    if not bare:
        return verify_evaluation(data, keys)
    if not unsigned:
        raise BadInput(
            "it is not signed: bring what `tocsin evaluation attest` writes, with --key; or take it on your own word"
            " with --unsigned, which every decision that uses it shows"
        )
    try:
        found = msgspec.convert(fields, Evaluation)
    except msgspec.ValidationError as error:
        raise BadInput(f"it is not an evaluation: {str(error)[:200]}") from None
    if evaluation_id(found) != found.id:
        raise Conflict("the evaluation's id is not that of its content: it was changed after it was made")
    return msgspec.structs.replace(found, statement=b"")


def word_on(
    evaluation: Evaluation,
    *,
    own: PublicKey,
    believed: Sequence[PublicKey],
    recognitions: Sequence[Recognition],
    node: str,
) -> Word:
    """Whose word an evaluation is that somebody brought to a node, by its bytes as they are now.

    `own` is the key of `node`, `believed` are those of peers and of the proposer. A signature that fails is none.
    """
    if _signed(evaluation, [own]):
        return Word.MEASURED_HERE
    if not _signed(evaluation, believed):
        return Word.UNSIGNED
    return Word.RECOGNISED if recognised(recognitions, evaluation.id, node) else Word.NOT_RECOGNISED


def _signed(evaluation: Evaluation, keys: Sequence[PublicKey]) -> bool:
    from tocsin.evaluate.plans.attesting import verify_evaluation

    try:
        found = verify_evaluation(evaluation.statement, keys) if evaluation.statement else None
    except TocsinError:
        return False
    return found is not None and found.id == evaluation.id
