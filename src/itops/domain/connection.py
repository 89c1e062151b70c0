"""How a target is reached."""

from typing import Annotated

from pydantic import Field

from itops.domain.noun import Noun


class Connection(Noun):
    """What a transport needs to reach one target; no secret value, names of secrets alone.

    Args:
        host: Name or address; empty for this machine.
        port: 0 for the transport's own.
        user: Empty for the person's own login name.
        key_files: Private keys to offer, besides those of an agent.
        certificate_files: Certificates that go with them.
        known_hosts: The file of pinned host keys; empty for the person's own.
        trust_first: Whether a host key that was never seen is taken, and pinned, at first use.
        via: Bastions, in their order, each a connection of its own.
        password: The name of the secret to log in with; empty for none.
        sudo_password: The name of the secret that sudo asks for; empty where it asks for none.
        options: What else the transport knows: a profile, an account, a Region, a context.
    """

    host: str = ""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    user: str = ""
    key_files: tuple[str, ...] = ()
    certificate_files: tuple[str, ...] = ()
    known_hosts: str = ""
    trust_first: bool = False
    via: tuple["Connection", ...] = ()
    password: str = ""
    sudo_password: str = ""
    options: dict[str, str] = Field(default_factory=dict)

    @property
    def address(self) -> str:
        """The connection as one word, as people read it: ``user@host:port via bastion``."""
        user, port = self.user and f"{self.user}@", f":{self.port}" if self.port else ""
        options = "".join(f" {name}={value}" for name, value in sorted(self.options.items()))
        return f"{user}{self.host}{port}{''.join(f' via {one.address}' for one in self.via)}{options}".strip()
