"""Every examiner that this node has, in the order they are asked. One more is one more row.

Rows are makers that import when called, so that a look at a safetensors file does not load what reads archives.
"""

from collections.abc import Callable
from functools import cache

from tocsin.assure.examining import Examiner, TreeExaminer


def _texts() -> Examiner:
    from tocsin.assure.plain import Texts

    return Texts()


def _images() -> Examiner:
    from tocsin.assure.plain import Images

    return Images()


def _zips() -> Examiner:
    from tocsin.assure.containers.zips import Zips

    return Zips()


def _tars() -> Examiner:
    from tocsin.assure.containers.tars import Tars

    return Tars()


def _streams() -> Examiner:
    from tocsin.assure.containers.streams import Streams

    return Streams()


def _sevenzips() -> Examiner:
    from tocsin.assure.containers.sevenzip import SevenZips

    return SevenZips()


def _shards() -> TreeExaminer:
    from tocsin.assure.shards import Shards

    return Shards()


def _pickles() -> Examiner:
    from tocsin.assure.pickles import PickleExaminer

    return PickleExaminer()


def _numpy() -> Examiner:
    from tocsin.assure.pickles import NumpyExaminer

    return NumpyExaminer()


def _safetensors() -> Examiner:
    from tocsin.assure.weights.safetensors import SafetensorsExaminer

    return SafetensorsExaminer()


def _gguf() -> Examiner:
    from tocsin.assure.weights.gguf import GgufExaminer

    return GgufExaminer()


def _onnx() -> Examiner:
    from tocsin.assure.weights.onnx import OnnxExaminer

    return OnnxExaminer()


def _keras() -> Examiner:
    from tocsin.assure.weights.keras import KerasExaminer

    return KerasExaminer()


def _hdf5() -> Examiner:
    from tocsin.assure.weights.hdf5 import Hdf5Examiner

    return Hdf5Examiner()


def _saved_model() -> Examiner:
    from tocsin.assure.weights.saved_model import SavedModelExaminer

    return SavedModelExaminer()


def _tflite() -> Examiner:
    from tocsin.assure.weights.tflite import TfliteExaminer

    return TfliteExaminer()


def _torchscript() -> Examiner:
    from tocsin.assure.weights.torchscript import TorchscriptExaminer

    return TorchscriptExaminer()


def _opaque() -> Examiner:
    from tocsin.assure.weights.opaque import OpaqueExaminer

    return OpaqueExaminer()


def _torch_export() -> Examiner:
    from tocsin.assure.weights.torch_export import TorchExportExaminer

    return TorchExportExaminer()


def _onnx_data() -> TreeExaminer:
    from tocsin.assure.weights.onnx import OnnxDataExaminer

    return OnnxDataExaminer()


def _checkpoint() -> TreeExaminer:
    from tocsin.assure.weights.checkpoint import CheckpointExaminer

    return CheckpointExaminer()


def _json_files() -> Examiner:
    from tocsin.assure.texts.json_files import JsonFiles

    return JsonFiles()


def _chat_templates() -> Examiner:
    from tocsin.assure.texts.chat_templates import ChatTemplates

    return ChatTemplates()


def _yaml_files() -> Examiner:
    from tocsin.assure.texts.yaml_files import YamlFiles

    return YamlFiles()


def _code_files() -> Examiner:
    from tocsin.assure.texts.code_files import CodeFiles

    return CodeFiles()


def _requirements() -> Examiner:
    from tocsin.assure.texts.requirements import Requirements

    return Requirements()


def _cards() -> Examiner:
    from tocsin.assure.texts.cards import Cards

    return Cards()


def _vocabularies() -> Examiner:
    from tocsin.assure.texts.vocabularies import Vocabularies

    return Vocabularies()


def _code_beside() -> TreeExaminer:
    from tocsin.assure.texts.code_beside import CodeBeside

    return CodeBeside()


EXAMINERS: tuple[Callable[[], Examiner], ...] = (
    _zips,
    _tars,
    _streams,
    _sevenzips,
    _texts,
    _images,
    _pickles,
    _numpy,
    _safetensors,
    _gguf,
    _onnx,
    _keras,
    _hdf5,
    _saved_model,
    _tflite,
    _torchscript,
    _torch_export,
    _opaque,
    _json_files,
    _chat_templates,
    _yaml_files,
    _code_files,
    _requirements,
    _cards,
    _vocabularies,
)

TREE_EXAMINERS: tuple[Callable[[], TreeExaminer], ...] = (
    _shards,
    _onnx_data,
    _checkpoint,
    _code_beside,
)


@cache
def examiners() -> tuple[Examiner, ...]:
    """All of them, made once: they keep nothing between two looks."""
    return tuple(make() for make in EXAMINERS)


@cache
def tree_examiners() -> tuple[TreeExaminer, ...]:
    """Those that see several files together."""
    return tuple(make() for make in TREE_EXAMINERS)
