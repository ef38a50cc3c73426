"""Names of tensors in one form, whoever wrote them."""

import re

_WRAPPERS = (
    "_orig_mod.",
    "module.",
    "base_model.model.",
    "base_model.",
    "language_model.",
    "transformer.",
    "model.",
)

_LLAMA_CPP = {
    "token_embd": "embed_tokens",
    "output_norm": "norm",
    "output": "lm_head",
    "position_embd": "embed_positions",
}
_LLAMA_CPP_BLOCK = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_norm": "input_layernorm",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate_inp": "mlp.gate",
}
"""llama.cpp's names (gguf-py, `tensor_mapping.py`) beside those of the Llama family in transformers."""

_BLOCK = re.compile(r"^blk\.(\d+)\.([a-z_]+)\.(weight|bias)$")
_TOP = re.compile(r"^([a-z_]+)\.(weight|bias)$")


def canonical(name: str) -> str:
    """A name without wrappers and in the Llama family's words, where they are known."""
    block = _BLOCK.match(name)
    if block and block[2] in _LLAMA_CPP_BLOCK:
        return f"layers.{block[1]}.{_LLAMA_CPP_BLOCK[block[2]]}.{block[3]}"
    top = _TOP.match(name)
    if top and top[1] in _LLAMA_CPP:
        return f"{_LLAMA_CPP[top[1]]}.{top[2]}"
    stripped = True
    while stripped:
        stripped = False
        for wrapper in _WRAPPERS:
            if name.startswith(wrapper):
                name, stripped = name[len(wrapper) :], True
    return name.replace(".base_layer.", ".")


_LEFT = re.compile(r"\.(o_proj|out_proj|down_proj|dense_4h_to_h|attention\.dense|wo|w2|fc2|fc_out)\.")
_RIGHT = re.compile(
    r"\.(q_proj|k_proj|v_proj|qkv_proj|query_key_value|gate_proj|up_proj|gate_up_proj|wq|wk|wv|w1|w3|fc1)\."
)
_TABLES = re.compile(r"(^|\.)(embed_tokens|embed_positions|wte|wpe|word_embeddings|lm_head|embed_out)\.")


def stream_side(canonical_name: str) -> str:
    """On which side of a matrix, [out, in], the residual stream is: "left" of what writes to it, "right" of what
    reads it and of tables whose rows it takes; "" where the name does not tell, and both are looked at.
    """
    if _LEFT.search(canonical_name):
        return "left"
    return "right" if _RIGHT.search(canonical_name) or _TABLES.search(canonical_name) else ""
