"""What each error says to people: what happened, what was kept, what to do.

A sentence names only fields that every raise of its code gives.  It never names a person.
"""

# ruff: noqa: E501 - a sentence is one line, as in the catalogues

import errno
import os
import re

from holdfast.cli.language import say
from holdfast.cli.rosters import compartment
from holdfast.cli.times import moment

SENTENCES: dict[str, str] = {
    # What a person named on the command line.
    "file-missing": "There is no {name}. Nothing was changed; check the name.",
    "file-exists": "{name} is there already and stays as it is. Give a name that is not taken yet.",
    "file-denied": "You have no right to read or write {name}. Nothing of it was changed; get the right, or name another place.",
    "file-is-folder": "{name} is a folder, and a file is needed here. Nothing was changed; check the name.",
    "file-is-no-folder": "{name} is no folder, and a folder is needed here. Nothing was changed; check the name.",
    "file-failed": "{name} cannot be read or written: {why}. What was committed before is kept; put it right and run the same command again.",
    "disk-full": "The disk is full. What was committed before is kept; make room, and the same command goes on.",
    "disk-read-only": "The disk can only be read. Nothing was written; name a place on another disk.",
    "policy-malformed": "The policy file {name} is not understood at: {why}. Nothing was made; correct it and try again.",
    "message-other-kind": "{name} holds a {found}, and a {wanted} is needed here. Nothing was changed; give the right file.",
    "message-absent": "{name} holds no message of a keeper, or only a part of one. Nothing was changed; ask for the whole file again.",
    "message-forged": "The signature in {name} is false: the file was changed after it was made. Nothing was changed here; ask for it again by another way.",
    "request-key-malformed": "{name} is no request.key. Nothing was opened; give the file that `holdfast request` wrote beside request.txt.",
    "demo-exists": "{name} is there already and is not empty. Nothing was changed; name another folder for the demo.",
    # Kits and passphrases.
    "passphrase-file-empty": "The first line of {name} is empty, and the passphrase should stand there. Nothing was changed.",
    "passphrase-needed": "The passphrase is needed, and there is nobody here to ask. Nothing was changed; give --passphrase-file.",
    "passphrases-differ": "The two passphrases are not the same. Nothing was made; try again.",
    "passphrase-empty": "An empty passphrase protects nothing. Nothing was made; choose a passphrase.",
    "passphrase-wrong": "This passphrase does not open the kit. Nothing was changed; try again. Nobody can look it up for you.",
    "passphrase-work": "Opening this kit would take far more work than Holdfast ever asks for, so it was not tried. Use another copy of the kit.",
    "kit-exists": "There is something in that folder already. It stays as it is; name a new folder for the kit.",
    "kit-missing": "There is no kit in that folder. Nothing was changed; check the name.",
    "kit-has-no-seat": "This kit has no seat in roster {v} of this vault. Nothing was changed; use the kit whose card went into that roster.",
    "card-of-another-vault": "These keys already answer for another vault, and a card serves for one. Nothing was changed; make a fresh card.",
    "keyring-malformed": "The keyring in this kit is damaged. Nothing was changed; use a copy of the kit.",
    "kit-changed-meanwhile": "Another run changed this kit in the meantime. What it did is kept, and this run changed nothing; run the same command again.",
    "sight-unsigned": "This kit's own note of when it first saw the request is damaged. Nothing was granted; use a copy of the kit.",
    # Exports.
    "export-unknown": "{name} is no export that Holdfast knows. Nothing was kept; give the zip that the platform handed out, all its parts, or the unpacked folder.",
    "account-unknown": "No file of this export tells whose account it is. Nothing was changed; check that it is whole.",
    "file-empty": "The file is empty: the download did not work. Nothing was kept; download it again.",
    "file-unreadable": "A file or folder of the export cannot be opened. Nothing else is touched by that; see that you may read it, and try again.",
    "file-cut-off": "A file of the export ends too early. What could be read is kept; download it again.",
    "medium-fails": "The disk, or the way to it, gives an error. What was written before is kept; use another copy or another disk, and run the same command again.",
    "not-a-file": "A part of the export is neither a file nor a folder, so there is nothing in it to keep. The rest is kept.",
    "not-a-zip": "The file is no zip. Nothing was kept; give the zip that the platform handed out.",
    "zip-cut-off": "The end of the zip is missing: the download stopped too early. Nothing was kept; download it again.",
    "zip-empty": "There is nothing in the zip. Nothing was kept; download it again.",
    "zip-split": "This is one piece of a split zip. Nothing was kept; join the pieces to one zip first.",
    "zip-directory-damaged": "The zip's list of files is damaged. Nothing was kept; download it again.",
    "zip-directory-too-large": "The zip's list of files is larger than any true one. Nothing was kept; download it again from the platform itself.",
    "zip-declares-too-much": "The zip says that it unpacks to {size} bytes, more than the {limit} that are allowed: it may be made to fill the disk. Nothing was kept.",
    "member-damaged": "A file in the zip is damaged. What could be read of it is kept; download the export again.",
    "member-overlaps": "Two files in the zip lie on top of each other, as no true zip has it. What could be read is kept; download the export again.",
    "member-disagrees": "A file in the zip has two different descriptions. What could be read is kept; download the export again.",
    "member-changed": "A file of the export changed while it was read. What was read before is kept; close what writes to it and run the same command again.",
    # Vaults and the places they lie in.
    "not-a-vault": "This is no vault. Nothing was changed; check the name, or make a vault: holdfast new VAULT --keeper CARD...",
    "vault-exists": "There is something in that folder already. It stays as it is; name a new folder for the vault.",
    "vault-newer": "This vault needs a newer Holdfast ({what}). Nothing was changed; install the newest one.",
    "vault-in-use": "Another run on this device (process {process}) works on this vault. Nothing was changed; let it end first.",
    "format-malformed": "The vault's file `format` is damaged. Nothing was changed; take that file from a copy of the vault.",
    "another-vault-there": "Another vault lies at that place. Nothing was changed; name a new folder for the copy.",
    "copy-differs": "{name} came back from the disk other than it was written. Do not trust this disk; copy to another one.",
    "store-full": "The disk is full at {name}. What was committed before is kept; make room, and the same command goes on.",
    "store-failed": "The disk gives an error at {name}: {why}. What was committed before is kept; put it right and run the same command again.",
    "store-missing": "{name} is missing in the vault. Nothing was changed; take it from a copy of the vault.",
    "store-name": "{name} is no name that a vault may hold. Nothing was changed; remove it if you know where it comes from.",
    "store-name-taken": "{name} is there already with other content, and stays as it is. Compare with another copy of the vault, and tell the keepers.",
    "device-memory-failed": "What this device remembers of the vault cannot be read or written: {why}. The vault is as it was at its last commit; put the disk right and run the same command again.",
    # What the vault promises.
    "pack-missing": "The sealed file packs/{pack} is missing. The rest is not touched by that; take it from a copy of the vault.",
    "pack-changed": "The sealed file packs/{pack} is not as it was promised. The rest is not touched by that; take it from a copy of the vault.",
    "pack-malformed": "A sealed file does not hold what it should, though it is as its writer made it. The rest is not touched by that; please report it.",
    "piece-changed": "Piece {piece} is not what its list says: its writer made a mistake or lied. Nothing of it was given out; please report it.",
    "piece-foreign": "Piece {piece} belongs to another keeping or compartment: its writer made a mistake or lied. Nothing of it was given out; please report it.",
    "piece-malformed": "The list of a pack's pieces is malformed, though it is as its writer made it. Nothing of it was given out; please report it.",
    "table-malformed": "The list of kept files is malformed, though it is as its writer made it. Nothing was given out; please report it.",
    "table-missing": "A list of kept files ({table}) is missing: the keeping was not finished. Choose another keeping, or finish this one.",
    "member-incomplete": "A kept file has a gap that no withheld part explains. It was not given out; the other files are not touched by that.",
    "member-cut-off": "A file has other bytes than were promised ({size} in place of {expected}). It was not given out; verify the vault with --deep.",
    "member-fields-bad": "The notes on a kept file are malformed, so it cannot be given back exactly. Restore with --unpacked, and please report it.",
    "member-too-large-for-a-pack": "A single piece of {size} bytes fits into no pack. What was committed before is kept; please report it.",
    "message-renamed": "{name} does not hold the message that its name promises: the file was changed or exchanged. It is left out; take it from a copy of the vault.",
    "message-malformed": "A keeper's message is malformed. It is left out, and the others count; ask for it again, or take it from a copy of the vault.",
    "keeping-missing": "There is no keeping {keeping}. There are: {known}.",
    "keeping-ambiguous": "More than one keeping is called {keeping}. Give one of these names: {known}.",
    "nothing-to-open": "There is nothing there that can be opened. Look with: holdfast status VAULT",
    # Logs.
    "log-fork": "Log {writer} goes on in two ways at entry {size}: two runs wrote it, or somebody forged one. What was before it counts; keep both copies and tell the keepers.",
    "log-gap": "Log {writer} lacks what stood before entry {size}. Nothing was changed; take what is missing from a copy of the vault.",
    "log-foreign": "A part of another log stands in log {writer} at entry {size}. What was before it counts; take log/ from a copy of the vault.",
    "log-signature": "The signature at entry {size} of log {writer} is false: it was changed or forged. What was before it counts; compare with a copy of the vault and tell the keepers.",
    "log-origin": "Log {writer} is signed under another log's name at entry {size}. What was before it counts; tell the keepers.",
    "log-size": "Log {writer} says a false number of entries at entry {size}. What was before it counts; tell the keepers.",
    "log-root": "Log {writer} was signed for other entries than stand there from entry {size} on. What was before them counts; compare with a copy of the vault and tell the keepers.",
    "log-renamed": "A part of log {writer} stands under the place {size} and belongs to {found}. Take log/ from a copy of the vault.",
    "log-malformed": "Log {writer} is damaged at entry {size}. What was before it counts; take log/ from a copy of the vault.",
    "log-name": "{name} is no name of a log. It is left out; remove it if you know where it comes from.",
    "log-newer": "A log was written by a newer Holdfast (version {version}). Nothing was changed; install the newest one.",
    "log-moved": "Another run added to log {writer} in the meantime. What it committed is kept; run the same command again.",
    "log-not-writer": "Log {writer} belongs to another device, and this one must not add to it. Nothing was changed; please report it.",
    "log-nothing-new": "There is nothing new to add to log {writer}. Nothing was changed.",
    "log-of-another-vault": "Log {writer} belongs to another vault. It is left out; compare with a copy of the vault and tell the keepers.",
    "log-rolled-back": "The log has {size} entries and had {wanted}: something that was kept has been taken away. Take it from another copy of the vault, and tell the keepers.",
    "log-rewritten": "The first {size} entries of the log are not those that were once signed: history was rewritten. Trust another copy of the vault, and tell the keepers.",
    "entry-malformed": "An entry of a log is malformed. What was before it counts; compare with a copy of the vault.",
    "entries-malformed": "Entry {index} of a log is malformed. What was before it counts; compare with a copy of the vault.",
    "entry-size": "An entry of {size} bytes is too large for a log. What was committed before is kept; please report it.",
    "header": "The first line of a part of a log is malformed. Compare with a copy of the vault.",
    "note-malformed": "This is no signed checkpoint, or a damaged one. Nothing was changed; give a file that `holdfast verify --save-checkpoint` wrote.",
    "notes-malformed": "This is no file of checkpoints, or a damaged one. Nothing was changed; give a file that `holdfast verify --save-checkpoint` wrote.",
    "note-unsigned": "Nobody who should have signed this checkpoint did. It counts for nothing; get it again from somebody you trust.",
    "note-lines": "Somebody added to a signed checkpoint. It is left out; compare with a copy of the vault.",
    "checkpoint-malformed": "The checkpoint is malformed. It counts for nothing; get it again.",
    "checkpoint-origin": "The checkpoint is signed under another log's name. It counts for nothing; get it again from somebody you trust.",
    "tree-short": "The log has {size} entries where {wanted} were promised: something has been taken away. Take it from another copy of the vault.",
    "inclusion-false": "The proof that entry {index} stands in the log is false. It counts for nothing; get it again.",
    "consistency-false": "The log of {new_size} entries does not begin with the {size} that were once signed: history was rewritten. Trust another copy, and tell the keepers.",
    "cosigner-key": "A confirmation was to be signed with another key than it names. Nothing was signed; please report it.",
    "cosignature-time": "A confirmation has an impossible time. It counts for nothing; get it again.",
    "number": "A number is written in a wrong way. Nothing was changed; get the file again.",
    "base64": "A part of the text is damaged. Nothing was changed; get the file again.",
    "hash-size": "A check number has a wrong length. Nothing was changed; get the file again.",
    "vkey": "This is no key of a log. Nothing was changed; get it again.",
    "key-name": "{name} cannot be the name of a key. Nothing was changed; get the file again.",
    # Rosters and writers.
    "roster-missing": "Roster {roster} is missing in the vault. Nothing was changed; take custody/ from a copy of the vault.",
    "roster-suite": "The roster uses a sealing ({suite}) that this Holdfast does not know yet. Nothing was changed; install the newest one.",
    "roster-succession": "Roster {v} does not follow the one before it. Nothing was changed; propose it anew.",
    "roster-compartments": "A roster settles three compartments: public, private and identity. Nothing was made; correct the policy file.",
    "roster-quorum": "For {compartment}, {quorum} of {keepers} keepers cannot be the rule: it takes at least {least}, and no more than there are. Nothing was made.",
    "keeping-not-listed": "Keeping {keeping} was written, but a reader of the vault does not find it whole. What is stored is kept; do not delete the account, verify the vault, and keep again.",
    "vault-exchanged": "This is not the vault that this device knows by that name: its first page was exchanged. Nothing was written; take the vault from a copy that you trust.",
    "store-link": "A link stands where {name} should be a folder of the vault. Nothing was read or written through it; remove the link.",
    "copy-into-itself": "{name} is the vault itself, or lies inside it. Nothing was copied; name another place.",
    "roster-wait": "A wait of more than {days} days could outlast every request. Nothing was made; choose a shorter one.",
    "roster-numbers": "A vault has at most 16 keepers, and no number is given twice. Nothing was made.",
    "roster-keys-not-fresh": "A card has been used before, or stands there twice. Nothing was made; ask each keeper for a fresh card.",
    "keys-repeated": "The card of keeper {x} uses one key for two purposes. Nothing was made; ask this keeper for a fresh card.",
    "roster-proposed": "This kit has proposed a new roster already. Nothing was changed; deal your shares to it, without --keeper.",
    "rosters-proposed": "More than one new roster is proposed: {known}. Nothing was dealt; agree with the other keepers, and name one with --roster.",
    "roster-not-proposed": "No new roster is proposed. Nothing was changed; propose one with --keeper CARD...",
    "roster-waits": "It is too early: this kit waits until {due}, counted from its own first sight of the new roster. Nothing was dealt or erased; run this verb again then, without --keeper.",
    "writer-missing": "No writer of this vault has a key that begins with {writer}, or several have. Nothing was changed; see: holdfast status VAULT",
    "writer-admitted": "Writer {writer} is admitted already. Nothing was changed, and nothing is left to do.",
    "writer-not-admitted": "Writer {writer} is not admitted, so what it kept cannot be opened. It stays sealed; one keeper admits it with: holdfast keeper admit",
    "epoch-missing": "The shares of key {epoch} are missing in the vault. What is sealed with it stays sealed; take custody/ from a copy of the vault.",
    "epoch-foreign": "Key {epoch} belongs to another vault or roster. It is left out; tell the keepers.",
    "epoch-malformed": "Key {epoch} is not dealt as it should be: its writer made a mistake or lied. It is left out; keep that account once more.",
    "epoch-not-open": "Key {epoch} was not opened by these grants. Nothing of it was read; ask for it in a new request.",
    "epoch-not-reshared": "Key {epoch} was never dealt to the new roster. Nothing was erased; let the old keepers run: holdfast keeper reshare",
    # Shares and grants.
    "share-missing": "There is no share for keeper {x}. Nothing was granted; tell the other keepers.",
    "share-false": "The share of keeper {x} is false. It was not used, and the others count.",
    "share-malformed": "The share of keeper {x} is malformed. It was not used, and the others count.",
    "commitment-malformed": "What shares are checked against is malformed: its writer made a mistake or lied. Nothing was opened; tell the keepers.",
    "resharing-false": "What old keeper {x} dealt is false. It was not used; enough of the others make up for it.",
    "resharing-malformed": "What an old keeper dealt is malformed. It was not used; enough of the others make up for it.",
    "reshares-missing": "{have} old keepers have dealt, and {need} are needed. Nothing was adopted; try again when more of them have run: holdfast keeper reshare",
    "dealt-to-another-roster": "This kit has dealt to another roster already, and deals once. Nothing was changed; agree with the other keepers.",
    "nothing-to-erase": "This kit holds nothing of a replaced roster. Nothing was changed.",
    "recipient-differs": "The shares are true and still do not give the key that was sealed to: its writer lied. Nothing of it was opened; tell the keepers.",
    "restorer-differs": "Request {request} was made for another request.key. Nothing was opened; use the key that was made with it.",
    "request-waits": "It is too early: this kit answers from {due} on, counted from its own first sight of the request. Nothing was granted; run the same command again then.",
    "request-closed": "This request is over, or made under an older roster. Nothing was opened; make a new request.",
    "request-by-a-stranger": "No keeper of this vault signed the request. Nothing was opened; do not answer it.",
    "request-code": "{code} is no reason from the list. Nothing was opened; make a new request.",
    "request-scope": "The request does not say clearly what it asks for. Nothing was opened; make a new request.",
    "request-too-long": "The request runs longer than 90 days. Nothing was opened; make a new request.",
    "request-missing": "Request {request} is not in this vault. Nothing was opened; use the vault, or the copy, that it was made in.",
    "requests-pending": "{count} requests of the same keeper are still waiting, and no more are allowed. Nothing was changed; answer those first, or let them run out.",
    "clock-behind": "This computer's clock is behind {sight}, when the kit first saw this. Nothing was changed; set the clock right and try again.",
    "words-differ": "The words do not agree: the request may not be the restorer's. Nothing was granted; tell the restorer.",
    "grant-empty": "Not one share of this kit is good for request {request}, so there is nothing to grant. Run the fire drill: holdfast keeper check",
    "grant-for-another": "These grants were made for another request.key. Nothing was opened; use the key that was made with this request.",
    "grant-by-a-stranger": "One of the grants is from nobody in the active roster. Nothing was opened; leave that file out.",
    "grants-differ": "The grants answer different requests. Nothing was opened; give the grants of one request.",
    "grants-none": "There is no grant. Nothing was opened; give the files that the keepers sent.",
    "quorum-missing": "True grants: {have}; needed: {need}. Nothing was opened; ask another keeper.{liars}",
    # Giving back.
    "out-differs": "{path} is there already with other content, and stays as it is. Restore to a new folder.",
    "out-not-ours": "{path} is a link, or no plain file or folder, so nothing was written through it. Restore to a new folder.",
    # Sealing, as it fails deep inside.
    "dealing-failed": "The process that deals shares did not end well: {why}. Nothing was sealed with those keys; run the same command again.",
    "no-identity-matched": "None of these keys opens the sealed file. Nothing of it was read; use the key that it was sealed to.",
    "no-recipient": "There was nobody to seal to. Nothing was written; please report it.",
    "passphrase-not-alone": "A file sealed by a passphrase can be sealed by nothing else. Nothing was written; please report it.",
    "recipients-mixed": "Keys of two strengths cannot seal one file. Nothing was written; please report it.",
    "recipient-malformed": "A public key is malformed. Nothing was sealed to it; get it again.",
    "identity-malformed": "A secret key is malformed. Nothing was opened; get it again.",
    "age-armor": "The text around a sealed file is damaged. Nothing of it was read; get it again.",
    "age-chunk": "Part {chunk} of a sealed file was changed. Nothing from there on was used; take it from another copy.",
    "age-closed": "A sealed file was ended and then written to. It is not used; please report it.",
    "age-cut": "A sealed file ends too early. What is missing was not used; take it from another copy.",
    "age-header": "The head of a sealed file is malformed. Nothing of it was read; take it from another copy.",
    "age-mac": "The head of a sealed file was changed. Nothing of it was read; take it from another copy.",
    "bech32": "A key was typed or copied wrongly. Nothing was changed; copy it again.",
    "box-malformed": "A sealed message is malformed. Nothing of it was read; ask for it again.",
    "sealed-box-false": "A sealed message was changed, or is not for this key. Nothing of it was read; ask for it again.",
    "point-malformed": "A public key is no true one. Nothing was sealed to it; get it again.",
    "commitment-field": "The part {field} of a proof is malformed. It counts for nothing; get it again.",
    "key-low-order": "A key is one that anybody could sign for. It counts for nothing; ask its keeper for a fresh card.",
    "key-size": "A key has {size} bytes in place of {wanted}. Nothing was changed; get it again.",
    "key-type": "A key is of a kind ({type}) that this Holdfast does not know yet. Nothing was changed; install the newest one.",
    "signature-false": "A signature is false: what it signs was changed. It counts for nothing; get it again by another way.",
    # What only developers and the demo meet.
    "export-too-few-posts": "A made-up export needs more posts for so many pictures and videos. Nothing was made.",
    "member-missing": "The made-up export has no {path}.",
    "seat-missing": "The simulated keeper has no seat.",
}
TIMES = ("due", "sight")
HEX = re.compile("[0-9a-f]{32,}")
"""Ids are shown by their first 16 digits, as everywhere else."""


def field(name: str, value: object) -> object:
    """Give an error's field as a sentence shows it."""
    if name in TIMES and isinstance(value, int):
        return moment(value)
    if name == "compartment":
        return compartment(str(value))
    if name == "why":
        return cause(str(value))
    if name in ("found", "wanted"):
        return kind(value)
    if name == "liars" and isinstance(value, tuple | list):
        return say(" The share of keeper {xs} is false.", xs=", ".join(map(str, value))) if value else ""
    return printable(HEX.sub(lambda found: found[0][:16], str(value)))


def printable(text: str) -> str:
    """Give text without control characters: a name in a vault or an export must not command a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def kind(value: object) -> object:
    """Give what a KEEP-1 message is, as people call it."""
    names = {"CARD": say("keeper's card"), "GRANT": say("grant"), "OPEN": say("request")}
    return names.get(str(value), value)


def cause(text: str) -> str:
    """Give the system's reason for a failure in the language spoken."""
    return {
        os.strerror(errno.EIO): say("the disk gives an error"),
        os.strerror(errno.EACCES): say("there is no right to it"),
        os.strerror(errno.EPERM): say("there is no right to it"),
        os.strerror(errno.ENOSPC): say("the disk is full"),
        os.strerror(errno.EROFS): say("the disk can only be read"),
        os.strerror(errno.ENAMETOOLONG): say("the name is too long"),
        os.strerror(errno.EBUSY): say("something else is using it"),
    }.get(text, text)
