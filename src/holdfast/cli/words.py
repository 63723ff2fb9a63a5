"""Words to compare by voice: the start of a key's hash, six words of a BIP 39 list."""

from mnemonic import Mnemonic

from holdfast.crypto.hashes import sha256

LISTS = {"en": "english", "zh-Hans": "chinese_simplified", "zh-Hant": "chinese_traditional"}
COUNT = 6
BITS = 11


def words(key: bytes, language: str) -> str:
    """Give 66 bits of SHA-256(`key`) as six words, or six characters in Chinese."""
    number = int.from_bytes(sha256(key)[:9], "big") >> (72 - COUNT * BITS)
    chosen = Mnemonic(LISTS[language]).wordlist
    return " ".join(chosen[number >> BITS * (COUNT - 1 - k) & (1 << BITS) - 1] for k in range(COUNT))


def lines(key: bytes, language: str) -> list[str]:
    """Give what to compare: in English for everybody, and before it in the language spoken where that is another."""
    tags = [language, "en"] if language != "en" else ["en"]
    return [f"  {words(key, tag)}" for tag in tags]
