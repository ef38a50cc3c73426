"""Files that strangers send: judged by their bytes, and written anew without what came along in them.

Enters: bytes, and what the sender said they are. Leaves: an `Upload`, of one of seven media types, made by this node
from what it could read: no camera data, no place, no author, no attachment, no script, nothing after the end. Refuses,
in words that say what to send instead: every other kind, what cannot be read to its end, what is over a bound.

What is seen in a picture, written on a page or said in a letter stays as it is: that is the evidence.
"""

from tocsin.ingest.uploads.accepting import accept
from tocsin.ingest.uploads.kinds import MAX_FILE_BYTES, Kind, Upload, kind_of

__all__ = ["MAX_FILE_BYTES", "Kind", "Upload", "accept", "kind_of"]
