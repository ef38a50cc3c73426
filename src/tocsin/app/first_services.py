"""What every other service of a node stands on: who may do what, by which policies, with which keys, and how much
they opened today.

How a service is added stands in `app.services`.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.kernel import Clock

if TYPE_CHECKING:
    from tocsin.app.access import Access
    from tocsin.app.keyring import Keyring
    from tocsin.app.openings import Openings
    from tocsin.app.own_keys import OwnKeys
    from tocsin.app.settings import Settings
    from tocsin.store import Store
    from tocsin.trust.policy import Policies


class FirstServices:
    """Beneath `Node`, which sets what stands first here."""

    data: Path
    name: str
    clock: Clock
    settings: "Settings"
    keys: "Keyring"
    node_id: str
    store: "Store"

    @cached_property
    def access(self) -> "Access":
        from tocsin.app.access import Access

        return Access(
            self.store, self.policies, self.clock, second_factor_roles=self.settings.second_factor_roles
        )

    @cached_property
    def openings(self) -> "Openings":
        from tocsin.app.openings import Openings

        return Openings(self.store, self.access, self.clock)

    @cached_property
    def own_keys(self) -> "OwnKeys":
        from tocsin.app.own_keys import OwnKeys

        return OwnKeys(self.store, self.keys, self.access, self.clock)

    @cached_property
    def policies(self) -> "Policies":
        from tocsin.app.extensions import policies_of

        return policies_of(self.data)
