"""Tokenizers and notebooks as their libraries write them."""

import io
from collections.abc import Callable
from pathlib import Path

import nbformat
import sentencepiece
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

_WORDS = ["the refund of the lottery", "see you at the office today", "a parcel and a class at nine"] * 4


def _bpe(folder: Path) -> None:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=120, special_tokens=["<unk>", "<|im_start|>", "<|im_end|>"])
    tokenizer.train_from_iterator(_WORDS, trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    tokenizer.model.save(str(folder))


def _wordpiece(folder: Path) -> None:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(_WORDS, trainers.WordPieceTrainer(vocab_size=90, special_tokens=special))
    ends = [(token, tokenizer.token_to_id(token)) for token in ("[SEP]", "[CLS]")]
    tokenizer.post_processor = processors.BertProcessing(*ends)
    tokenizer.save(str(folder / "tokenizer.json"))
    tokenizer.model.save(str(folder))


def _sentencepiece(folder: Path) -> None:
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(_WORDS), model_writer=out, vocab_size=40, hard_vocab_limit=False
    )
    (folder / "tokenizer.model").write_bytes(out.getvalue())


def _notebook(folder: Path) -> None:
    cells = [
        nbformat.v4.new_markdown_cell("# How to use it\n\nA tiny model."),
        nbformat.v4.new_code_cell("import numpy as np\n\nx = np.arange(4)\nx.sum()"),
        nbformat.v4.new_code_cell(
            "import matplotlib.pyplot as plt\n\nplt.plot(x)",
            outputs=[nbformat.v4.new_output("execute_result", {"text/plain": "6"}, execution_count=1)],
        ),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "demo.ipynb")


MAKERS: dict[str, Callable[[Path], object]] = {
    "tokenizer-bpe": _bpe,
    "tokenizer-wordpiece": _wordpiece,
    "tokenizer-sentencepiece": _sentencepiece,
    "notebook": _notebook,
}
