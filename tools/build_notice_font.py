"""Write src/tocsin/label/notice.otf again: python tools/build_notice_font.py NotoSansCJK-Bold.ttc

Needs the PyPI package `fonttools` (MIT) in the interpreter that runs this; Tocsin itself does not need it. The font is
Noto Sans CJK SC (Debian: fonts-noto-cjk) with the letters of the notices alone, under the SIL Open Font License 1.1,
which stands beside it. The licence reserves the name "Source": the subset is called "Tocsin Notice".
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

from tocsin.label.carrying import NOTICES

FAMILY = "Noto Sans CJK SC"
NAME = "Tocsin Notice"
TARGET = Path(__file__).parent.parent / "src/tocsin/label/notice.otf"

fonts = TTCollection(sys.argv[1]).fonts
font = next(
    one
    for one in fonts
    if one["name"].getDebugName(1).startswith(FAMILY) and "Mono" not in str(one["name"].getDebugName(1))
)
options = subset.Options()
options.layout_features = []
options.hinting = False
options.name_IDs = [0, 13, 14]
options.notdef_outline = True
subsetter = subset.Subsetter(options)
subsetter.populate(text="".join(NOTICES.values()))
subsetter.subset(font)
for number, value in ((1, NAME), (2, "Regular"), (4, NAME), (6, NAME.replace(" ", ""))):
    font["name"].setName(value, number, 3, 1, 0x409)
cff = font["CFF "].cff
cff.fontNames[0] = NAME.replace(" ", "")
for field in ("FullName", "FamilyName", "Notice", "Copyright"):
    if hasattr(cff.topDictIndex[0], field) and field in ("FullName", "FamilyName"):
        setattr(cff.topDictIndex[0], field, NAME)
font.save(TARGET)
