"""Every examiner that this node has, in the order they are asked. One more is one more row."""

from tocsin.assure.components import Components
from tocsin.assure.containers.sevenzip import SevenZips
from tocsin.assure.containers.streams import Streams
from tocsin.assure.containers.tars import Tars
from tocsin.assure.containers.zips import Zips
from tocsin.assure.examining import Examiner, TreeExaminer
from tocsin.assure.pickles import NumpyExaminer, PickleExaminer
from tocsin.assure.plain import Images, Texts
from tocsin.assure.provenance.bundles import Bundles
from tocsin.assure.shards import Shards
from tocsin.assure.texts.cards import Cards
from tocsin.assure.texts.chat_templates import ChatTemplates
from tocsin.assure.texts.code_beside import CodeBeside
from tocsin.assure.texts.code_files import CodeFiles
from tocsin.assure.texts.json_files import JsonFiles
from tocsin.assure.texts.requirements import Requirements
from tocsin.assure.texts.vocabularies import Vocabularies
from tocsin.assure.texts.yaml_files import YamlFiles
from tocsin.assure.weights.checkpoint import CheckpointExaminer
from tocsin.assure.weights.gguf import GgufExaminer
from tocsin.assure.weights.hdf5 import Hdf5Examiner
from tocsin.assure.weights.keras import KerasExaminer
from tocsin.assure.weights.onnx import OnnxDataExaminer, OnnxExaminer
from tocsin.assure.weights.opaque import OpaqueExaminer
from tocsin.assure.weights.safetensors import SafetensorsExaminer
from tocsin.assure.weights.saved_model import SavedModelExaminer
from tocsin.assure.weights.tflite import TfliteExaminer
from tocsin.assure.weights.torch_export import TorchExportExaminer
from tocsin.assure.weights.torchscript import TorchscriptExaminer

EXAMINERS: tuple[Examiner, ...] = (
    Zips(),
    Tars(),
    Streams(),
    SevenZips(),
    Texts(),
    Images(),
    Bundles(),
    PickleExaminer(),
    NumpyExaminer(),
    SafetensorsExaminer(),
    GgufExaminer(),
    OnnxExaminer(),
    KerasExaminer(),
    Hdf5Examiner(),
    SavedModelExaminer(),
    TfliteExaminer(),
    TorchscriptExaminer(),
    TorchExportExaminer(),
    OpaqueExaminer(),
    Components(),
    JsonFiles(),
    ChatTemplates(),
    YamlFiles(),
    CodeFiles(),
    Requirements(),
    Cards(),
    Vocabularies(),
)
"""They keep nothing between two looks."""

TREE_EXAMINERS: tuple[TreeExaminer, ...] = (Shards(), OnnxDataExaminer(), CheckpointExaminer(), CodeBeside())
"""Those that see several files together."""
