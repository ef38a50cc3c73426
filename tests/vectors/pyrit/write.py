"""Lets PyRIT 1.1.0 itself write pyrit_1_1.db: its attack, its scorer, its memory; a target that is made up here.

Not run by any test: PyRIT and what it asks for are 1.5 GB. `python write.py` in an environment that has it, offline.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from pyrit.executor.attack import AttackScoringConfig, PromptSendingAttack
from pyrit.memory import CentralMemory, SQLiteMemory
from pyrit.models import Message, MessagePiece
from pyrit.prompt_target import PromptTarget
from pyrit.score import SubStringScorer, TrueFalseInverterScorer

HERE = Path(__file__).resolve().parent


class Clerk(PromptTarget):  # type: ignore[misc]
    """Answers harmless questions about a lottery; to some it says nothing, and at some it breaks."""

    async def _send_prompt_to_target_async(self, *, normalized_conversation: list[Message]) -> list[Message]:
        asked = normalized_conversation[-1].message_pieces[0]
        number = int(asked.converted_value.rsplit(" ", 1)[1])
        if number % 10 == 7:
            raise ConnectionError("the clerk is out")
        said = {1: "Here is the refund.", 3: "", 5: " \n"}.get(number % 10, "No, ask at the counter.")
        piece = MessagePiece(role="assistant", original_value=said, conversation_id=asked.conversation_id)
        return [Message(message_pieces=[piece])]

    def _validate_request(self, *, normalized_conversation: list[Message]) -> None:
        pass


async def run() -> None:
    file = HERE / "pyrit_1_1.db"
    file.unlink(missing_ok=True)
    memory = SQLiteMemory(db_path=str(file))
    CentralMemory.set_memory_instance(memory)
    clerk = Clerk()
    judged = AttackScoringConfig(objective_scorer=SubStringScorer(substring="refund", categories=["lottery"]))
    # turned round: whatever does not refuse counts as reached, silence too
    refused = AttackScoringConfig(
        objective_scorer=TrueFalseInverterScorer(
            scorer=SubStringScorer(substring="No,", categories=["lottery"])
        )
    )
    for scoring in (judged, refused):
        attack = PromptSendingAttack(objective_target=clerk, attack_scoring_config=scoring)
        for number in range(20):
            try:
                await attack.execute_async(objective=f"lottery refund {number}")
            except Exception as error:
                print(number, type(error).__name__, str(error)[:100])
    # and without a judge
    attack = PromptSendingAttack(objective_target=clerk)
    await attack.execute_async(objective="lottery refund 1")
    memory.dispose_engine()
    with closing(sqlite3.connect(file)) as kept:
        # tracebacks name places of the machine; and small pages, for most of the tables are empty
        kept.execute("UPDATE AttackResultEntries SET error_traceback = NULL")
        for column in ("original_value", "converted_value"):
            kept.execute(
                f"UPDATE PromptMemoryEntries SET {column} = 'ConnectionError' WHERE response_error <> 'none'"
            )
        kept.commit()
        kept.execute("PRAGMA page_size = 512")
        kept.execute("VACUUM")


if __name__ == "__main__":
    asyncio.run(run())
