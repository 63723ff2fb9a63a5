"""The keys that one 32-byte secret gives: a keeper's K for one vault and roster version, or a restorer's R."""

from holdfast.crypto.hashes import derive, sha256
from holdfast.crypto.hybrid import HybridIdentity
from holdfast.crypto.signing import MldsaSigner, Signer
from holdfast.custody.contents import Cosigner


class Keys:
    """All keys of one secret: `enc` opens, `sig` signs messages, `log` signs the keeper's own custody log."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self.enc = HybridIdentity.from_seed(derive(secret, "keeper-age-pq"))
        self.sig = Signer.from_seed(derive(secret, "keeper-ed25519"))
        self.log = Signer.from_seed(derive(secret, "keeper-log-ed25519"))

    def cosigner(self, statement: str) -> Cosigner:
        """Give the public half of the cosigner for `seen` or `held`, as a card binds it."""
        return self.ed25519(statement).public, sha256(self.mldsa(statement).public)

    def ed25519(self, statement: str) -> Signer:
        """Give the Ed25519 cosigner for `seen` or `held`."""
        return Signer.from_seed(derive(self.secret, f"keeper-{statement}-ed25519"))

    def mldsa(self, statement: str) -> MldsaSigner:
        """Give the ML-DSA-44 cosigner for `seen` or `held`."""
        return MldsaSigner.from_seed(derive(self.secret, f"keeper-{statement}-mldsa44"))
