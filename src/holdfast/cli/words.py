"""Words to compare by voice: the start of a key's hash, six words of the BIP 39 list of the language spoken."""

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
