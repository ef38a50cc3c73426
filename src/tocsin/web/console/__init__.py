"""The console: pages for people, rendered on the server, usable without scripts.

Enters: requests of browsers. Leaves: HTML in the reader's language. Refuses: a form from elsewhere, a person without
the role, markup from anybody.
"""

from tocsin.web.console.routes import console_router, on_error

__all__ = ["console_router", "on_error"]
