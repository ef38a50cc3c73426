"""Models as ONNX, GGUF, Keras and TensorFlow write them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import keras
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from benchmarks.assure_corpus.record_tables import X, Y

_RNG = np.random.default_rng(11)
TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def _onnx(*, extra: bool = False, domain: str = "") -> Any:
    weights = numpy_helper.from_array(_RNG.normal(size=(4, 4)).astype(np.float32), "w")
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    nodes = [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Relu", ["h"], ["y"])]
    if domain:
        nodes[1] = helper.make_node("Gelu", ["h"], ["y"], domain=domain)
    if extra:
        branch = helper.make_graph(
            [helper.make_node("Identity", ["h"], ["b"])], "b", [], [out.__class__(name="b")]
        )
        condition = helper.make_tensor("t", TensorProto.BOOL, [], [True])
        nodes[1:] = [
            helper.make_node("Constant", [], ["c"], value=condition),
            helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch),
        ]
    graph = helper.make_graph(nodes, "graph", [value], [out], [weights])
    opsets = [helper.make_opsetid("", 17), *([helper.make_opsetid(domain, 1)] if domain else [])]
    return helper.make_model(graph, opset_imports=opsets, producer_name="pytorch", ir_version=8)


def _plain(folder: Path) -> None:
    onnx.save(_onnx(), folder / "model.onnx")


def _external(folder: Path) -> None:
    onnx.save(
        _onnx(),
        folder / "model.onnx",
        save_as_external_data=True,
        location="model.onnx_data",
        size_threshold=0,
    )


def _branches(folder: Path) -> None:
    onnx.save(_onnx(extra=True), folder / "model.onnx")


def _contributed(folder: Path) -> None:
    onnx.save(_onnx(domain="com.microsoft"), folder / "model_optimized.onnx")


def _linear_onnx(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(to_onnx(LogisticRegression().fit(X, Y), X[:1]).SerializeToString())


def _trees_onnx(folder: Path) -> None:
    model = RandomForestClassifier(2, max_depth=2, random_state=0).fit(X, Y)
    (folder / "model.onnx").write_bytes(to_onnx(model, X[:1]).SerializeToString())


def _gguf(kind: Any = None, template: str = "", *, tokens: bool = True) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        writer = gguf.GGUFWriter(str(folder / "model.gguf"), "llama")
        writer.add_name("tiny")
        writer.add_block_count(1)
        writer.add_context_length(64)
        writer.add_embedding_length(32)
        writer.add_license("apache-2.0")
        if tokens:
            writer.add_tokenizer_model("llama")
            writer.add_token_list(["<unk>", "<s>", "</s>", "a"])
            writer.add_token_scores([0.0, 0.0, 0.0, -1.0])
            writer.add_token_types([2, 3, 3, 1])
        if template:
            writer.add_chat_template(template)
        data = _RNG.normal(size=(4, 32)).astype(np.float32)
        if kind is None:
            writer.add_tensor("token_embd.weight", data)
        else:
            writer.add_tensor("token_embd.weight", gguf.quants.quantize(data, kind), raw_dtype=kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()

    return write


def _sequential() -> Any:
    keras.utils.set_random_seed(3)
    return keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)]
    )


def _functional() -> Any:
    first = keras.Input((4,), name="a")
    second = keras.Input((4,), name="b")
    joined = keras.layers.Concatenate()([keras.layers.Dense(2)(first), keras.layers.Dropout(0.1)(second)])
    return keras.Model([first, second], keras.layers.Dense(1, kernel_regularizer="l2")(joined))


def _keras(make: Callable[[], Any], name: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        model = make()
        if name.endswith(".weights.h5"):
            model.save_weights(folder / name)
        else:
            model.save(folder / name)

    return write


def _convolution() -> Any:
    layers = [
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(2, 3),
        keras.layers.BatchNormalization(),
        keras.layers.Flatten(),
    ]
    model = keras.Sequential([*layers, keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


_TENSORFLOW = """
import sys, tensorflow as tf
class Model(tf.Module):
    def __init__(self):
        self.w = tf.Variable(tf.ones([4, 2]), name="w")
    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="x")])
    def __call__(self, x):
        return {"y": tf.nn.relu(x @ self.w)}
model = Model()
if sys.argv[2] == "saved":
    tf.saved_model.save(model, sys.argv[1], signatures=model.__call__)
else:
    made = tf.lite.TFLiteConverter.from_concrete_functions([model.__call__.get_concrete_function()], model)
    open(sys.argv[1] + "/model.tflite", "wb").write(made.convert())
"""


def _tensorflow(what: str) -> Callable[[Path], None]:
    """In a process of its own: TensorFlow and PyTorch do not share one gladly."""

    def write(folder: Path) -> None:
        quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        subprocess.run([sys.executable, "-c", _TENSORFLOW, folder, what], check=True, env=quiet)

    return write


MAKERS: dict[str, Callable[[Path], object]] = {
    "onnx": _plain,
    "onnx-external-data": _external,
    "onnx-branches": _branches,
    "onnx-contributed-operators": _contributed,
    "onnx-linear": _linear_onnx,
    "onnx-trees": _trees_onnx,
    "gguf": _gguf(),
    "gguf-template": _gguf(template=TEMPLATE),
    "gguf-q8": _gguf(gguf.GGMLQuantizationType.Q8_0, TEMPLATE),
    "gguf-q4": _gguf(gguf.GGMLQuantizationType.Q4_0),
    "gguf-no-tokens": _gguf(tokens=False),
    "keras-sequential": _keras(_sequential, "model.keras"),
    "keras-functional": _keras(_functional, "model.keras"),
    "keras-compiled": _keras(_convolution, "model.keras"),
    "keras-h5": _keras(_sequential, "model.h5"),
    "keras-weights": _keras(_sequential, "model.weights.h5"),
    "tensorflow-saved-model": _tensorflow("saved"),
    "tensorflow-lite": _tensorflow("lite"),
}
