"""The public door: pages and an API by which anybody reports misuse, without an account, a script or a cookie.

Beside it, by a setting of its own, the door for applicants: who shows something to be verified, and their wallets.

Enters: a report from anybody, within bounds. Leaves: a receipt, once the report is durable; what became of it, to
whoever has number and secret. Refuses: a flood, a form that nobody could have read, files of kinds that are not
taken; and to show any file to anybody.
"""

from tocsin.web.public.routes import applicant_routers, public_routers

__all__ = ["applicant_routers", "public_routers"]
