"""Everything that Holdfast raises; the type says who is to blame.

HoldfastError            the base, caught only at the edge
├── Unverified           they lied: a hash, tag, signature or share does not hold
├── Unreadable           garbage: these bytes are not what they should be, or the medium gives an error
├── Unsupported          authentic and newer than this program: never treated as corrupt
├── NotFound             a named thing is not there
├── AlreadyExists        a name is taken, and names are written once
└── Refused              a rule says no

An error carries a code and fields, never a sentence: sentences for people, in their language, are made at the edge.
"""


class HoldfastError(Exception):
    """The base of all errors: a `code` such as `pack-changed`, and the `fields` that its sentence names."""

    def __init__(self, code: str, /, **fields: object) -> None:
        super().__init__(code, fields)
        self.code = code
        self.fields = fields

    def __str__(self) -> str:
        return self.code + "".join(f" {name}={value}" for name, value in self.fields.items())


class Unverified(HoldfastError):
    """A hash, tag, signature, proof or share does not hold: somebody or something changed it."""


class Unreadable(HoldfastError):
    """These bytes are not what they should be, or cannot be read at all."""


class Unsupported(HoldfastError):
    """This is authentic, but written by a newer program; nothing was touched."""


class NotFound(HoldfastError):
    """A named thing is not there."""


class AlreadyExists(HoldfastError):
    """The name is taken; a name is written once."""


class Refused(HoldfastError):
    """A rule says no."""
