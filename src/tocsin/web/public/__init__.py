"""The public door: pages and an API by which anybody reports misuse, without an account, a script or a cookie.

Enters: a report from anybody, within bounds. Leaves: a receipt, once the report is durable; what became of it, to
whoever has number and secret. Refuses: a flood, a form that nobody could have read, files of kinds that are not
taken; and to show any file to anybody.
"""

from tocsin.web.public.routes import public_routers

__all__ = ["public_routers"]
