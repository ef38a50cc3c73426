"""Models that Inspect reaches under the name `tocsin`: `tocsin/scripted:FILE` and `tocsin/tiny:FOLDER`.

They run in this process and open no socket. Inspect counts tokens for limits and for cost; it would fetch a tokenizer
for that, so tokens are counted here, as one for each four bytes.
"""

from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from inspect_ai.model import (
    ChatMessage,
    ChatMessageTool,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.tool import ToolChoice, ToolInfo

from tocsin.evaluate.answering import Answering
from tocsin.evaluate.runs import scripted
from tocsin.kernel.errors import BadInput

PROVIDER = "tocsin"
CONNECTIONS = 8
"""At once, of a model that answers from this process: more would only wait for the same processor."""

_BYTES_A_TOKEN = 4


class TocsinModel(ModelAPI):
    """One of our own models behind Inspect's interface. Raises BadInput for a name that is neither kind."""

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = GenerateConfig(),  # noqa: B008 - the interface's own signature
        **model_args: Any,
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config)
        self._model = opened(model_name)

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 - the interface's own signature
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        """What the model says to the conversation so far."""
        seed = config.seed or 0
        model = self._model
        prompt = "\n".join(message.text for message in input)
        if isinstance(model, scripted.ScriptedModel):
            if model.seconds:
                await anyio.sleep(model.seconds)
            said = model.reply(input[-1].text if input else "", seed=seed)
            # a call is made once: its result is the last message then, and is answered in words
            if isinstance(said, scripted.Said):
                if any(tool.name == said.tool for tool in tools) and not isinstance(
                    input[-1], ChatMessageTool
                ):
                    output = ModelOutput.for_tool_call(self.model_name, said.tool, dict(said.arguments))
                    output.usage = _usage(prompt, said.tool)
                    return output
                said = said.say if isinstance(said.say, str) else "\n".join(said.say)
        else:
            said = await anyio.to_thread.run_sync(lambda: model.answer(prompt, seed=seed))
        output = ModelOutput.from_content(self.model_name, said)
        output.usage = _usage(prompt, said)
        return output

    async def count_text_tokens(self, text: str) -> int:
        """One for each four bytes."""
        return _tokens(text)

    async def count_tokens(self, input: str | list[ChatMessage], config: GenerateConfig | None = None) -> int:  # noqa: A002
        """One for each four bytes of all messages."""
        return _tokens(input if isinstance(input, str) else "\n".join(message.text for message in input))

    def max_connections(self) -> int:
        """CONNECTIONS."""
        return CONNECTIONS

    def connection_key(self) -> str:
        """Each model waits for itself alone."""
        return self.model_name


def opened(name: str) -> Answering:
    """The model of a name without its provider: "scripted:FILE" or "tiny:FOLDER". Raises BadInput."""
    kind, colon, place = name.partition(":")
    if colon and place and kind == "scripted":
        return scripted.load(Path(place))
    if colon and place and kind == "tiny":
        from tocsin.evaluate import tiny  # numpy, for those alone who name one

        return tiny.load(Path(place))
    raise BadInput(f"tocsin/{name} is no model of ours: write tocsin/scripted:FILE or tocsin/tiny:FOLDER")


def _tokens(text: str) -> int:
    return max(1, len(text.encode("utf-8", "replace")) // _BYTES_A_TOKEN)


def _usage(asked: str, said: str) -> ModelUsage:
    given, taken = _tokens(asked), _tokens(said)
    return ModelUsage(input_tokens=given, output_tokens=taken, total_tokens=given + taken)
