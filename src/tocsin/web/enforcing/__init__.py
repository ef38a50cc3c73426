"""What asks a node before it lets somebody in: for other people's programs, beside the door that Envoy asks.

Enters: a request on its way to a model. Leaves: the same request, or a refusal with reasons. Refuses: what the node
refuses, what carries an obligation that nobody here fulfils, and everything while the node cannot be asked.

| file | what is in it |
|---|---|
| `asking` | one question over HTTP, one answer; the standard library alone, so that it runs in anybody's process |
| `asgi` | a middleware for any ASGI application |
| `litellm_hook` | a callback for the LiteLLM proxy |

Nothing is imported here: each is imported where it runs.
"""
