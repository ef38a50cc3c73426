"""The real OpenTelemetry SDK exports; its spans show up as events."""

import json
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from tests.nodes import make_node, serving, tocsin


@pytest.mark.net
@pytest.mark.slow
def test_a_span_of_the_real_sdk_is_an_event(tmp_path: Path) -> None:
    token = make_node(tmp_path / "node")
    with serving(tmp_path / "node", token) as node:
        exporter = OTLPSpanExporter(
            endpoint=f"{node.url}/v1/traces", headers={"Authorization": f"Bearer {token}"}
        )
        provider = TracerProvider(resource=Resource.create({"service.name": "shop-assistant"}))
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        tracer = provider.get_tracer("test")
        with tracer.start_as_current_span("chat small-model") as span:
            span.set_attributes(
                {
                    "gen_ai.operation.name": "chat",
                    "gen_ai.request.model": "small-model",
                    "gen_ai.input.messages": json.dumps(
                        [{"role": "user", "parts": [{"type": "text", "content": "When does the shop open?"}]}]
                    ),
                    "user.id": "customer-4",
                    "gen_ai.conversation.id": "talk-9",
                }
            )
        with tracer.start_as_current_span("GET /health"):
            pass  # not an AI call: ignored, not an error
        provider.shutdown()
        listed = json.loads(tocsin("watch", "events", "--data", str(node.data), "--json").stdout)["events"]
    assert len(listed) == 1
    assert listed[0]["source"] == "shop-assistant"
    assert listed[0]["kind"] == "model.call"
    assert listed[0]["model"] == "small-model"
    assert listed[0]["actor"].startswith("ps_")
    assert "customer-4" not in json.dumps(listed)
    assert "shop open" not in json.dumps(listed)
