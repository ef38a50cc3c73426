"""Every word for why a sample is invalid: each is explained in the docs and has its sentence on the command line."""

from tocsin.evaluate import garak, pyrit, silence
from tocsin.evaluate.families import agent_misuse, code_flaws, refusal, sheets
from tocsin.evaluate.plans import judging, words
from tocsin.evaluate.runs import outcomes

REASONS = {
    *(garak.UNSCORED, garak.UNJUDGED, garak.ABSENT, pyrit.BROKEN, pyrit.UNDECIDED, silence.BLANK),
    *(
        outcomes.ERROR,
        outcomes.TAKEN_BACK,
        outcomes.CUT_OFF,
        outcomes.UNREAD,
        outcomes.UNASKED,
        outcomes.TOOLS,
    ),
    *(outcomes.NEVER_RUN, outcomes.OTHER, outcomes.UNSCORED, sheets.TOO_LONG),
    *(refusal.UNKNOWN, refusal.OTHER, code_flaws.NO_CODE, code_flaws.UNPARSABLE, code_flaws.NO_JUDGE),
    *(agent_misuse.NO_WORLD, agent_misuse.NEVER_RAN, agent_misuse.NEVER_MET),
    *(words.NOT_CALIBRATED, judging.UNEXPLAINED),
}
