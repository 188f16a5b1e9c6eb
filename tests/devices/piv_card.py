"""A smart card in Python: a PIV card (NIST SP 800-73-4, part 2), as far as signing and its PIN need one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

if TYPE_CHECKING:
    from collections.abc import Callable

ATR = bytes.fromhex("3b80800101")
AID = bytes.fromhex("a000000308000010000100")
CHUID, DISCOVERY = "5fc102", "7e"
CERTIFICATES = {0x9A: "5fc105", 0x9C: "5fc10a", 0x9D: "5fc10b", 0x9E: "5fc101"}
"""Key reference: tag of its certificate's data object (SP 800-73-4, part 1, tables 3 and 4b)."""

OK, NOT_FOUND, WRONG_DATA = b"\x90\x00", b"\x6a\x82", b"\x6a\x80"
NOT_VERIFIED, BLOCKED, UNKNOWN = b"\x69\x82", b"\x69\x83", b"\x6d\x00"
PIN, PUK = 0x80, 0x81
_FASC_N = b"\xd4\xe7\x39\xda".ljust(25, b"\x11")
"""Begins with agency code 9999: no federal agency's card, its GUID is its number (SP 800-73-4, part 1, 3.1.2)."""
MOST = 255

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def tlv(tag: int | str, *contents: bytes) -> bytes:
    """Return one BER-TLV value."""
    content = b"".join(contents)
    named = bytes.fromhex(tag) if isinstance(tag, str) else bytes([tag])
    size = len(content)
    if size < 0x80:
        return named + bytes([size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return named + bytes([0x80 | len(octets)]) + octets + content


def values(data: bytes) -> dict[int, bytes]:
    """Return the values of a flat run of one-byte tags."""
    found, place = {}, 0
    while place < len(data):
        tag, size, place = data[place], data[place + 1], place + 2
        if size & 0x80:
            octets = size & 0x7F
            size, place = int.from_bytes(data[place : place + octets], "big"), place + octets
        found[tag] = data[place : place + size]
        place += size
    return found


@dataclass
class PivCard:
    """A card with keys and certificates. `before_signing` is called when it is asked for a signature."""

    pin: str
    puk: str
    tries: int = 3
    keys: dict[int, tuple[PrivateKey, bytes]] = field(default_factory=dict)
    before_signing: Callable[[], None] = lambda: None
    guid: bytes = bytes(range(16))

    def __post_init__(self) -> None:
        self.most_tries = self.tries
        self.puk_tries = self.tries
        self.log: list[str] = []
        self.power_off()

    def power_off(self) -> None:
        """Forget what a session had."""
        self._verified = False
        self._chained = b""
        self._waiting = b""

    def answer(self, apdu: bytes) -> bytes:
        """Return the response to one command (ISO/IEC 7816-4, short lengths, chaining, GET RESPONSE)."""
        head, body = apdu[:4], apdu[5 : 5 + apdu[4]] if len(apdu) > 5 else b""
        if head[1] == 0xC0:
            return self._hand_out(self._waiting)
        self._chained += body
        if head[0] & 0x10:
            return OK
        whole, self._chained = self._chained, b""
        response = self._command(head[1], head[2], head[3], whole)
        return self._hand_out(response[:-2]) if response[-2:] == OK else response

    def _hand_out(self, data: bytes) -> bytes:
        now, self._waiting = data[:MOST], data[MOST:]
        return now + (bytes([0x61, min(len(self._waiting), MOST)]) if self._waiting else OK)

    def _command(self, instruction: int, p1: int, p2: int, data: bytes) -> bytes:
        match instruction:
            case 0xA4 if data and AID.startswith(data):
                self._verified = False
                template = tlv(0x4F, AID[5:]), tlv(0x79, tlv(0x4F, AID[:5]))
                return tlv(0x61, *template) + OK
            case 0xA4:
                return NOT_FOUND
            case 0xCB:
                return self._object(values(data).get(0x5C, b"").hex())
            case 0x20:
                return self._verify(data)
            case 0x24:
                return self._change(p2, data)
            case 0x2C:
                return self._unblock(data)
            case 0x87:
                return self._sign(p2, data)
        return UNKNOWN

    def _object(self, tag: str) -> bytes:
        by_tag = {CERTIFICATES[reference]: der for reference, (_, der) in self.keys.items()}
        if tag in by_tag:
            return tlv(0x53, tlv(0x70, by_tag[tag]), tlv(0x71, b"\0"), tlv(0xFE)) + OK
        if tag == CHUID:
            return tlv(0x53, tlv(0x30, _FASC_N), tlv(0x34, self.guid), tlv(0x35, b"20401231"), b"\x3e\0\xfe\0") + OK
        if tag == DISCOVERY:
            return tlv(0x7E, tlv(0x4F, AID), tlv("5f2f", b"\x40\0")) + OK
        return NOT_FOUND

    def _verify(self, data: bytes) -> bytes:
        if self.tries == 0:
            return BLOCKED
        if not data:
            return OK if self._verified else bytes([0x63, 0xC0 | self.tries])
        self.log.append("VERIFY")
        self._verified = data == _padded(self.pin)
        self.tries = self.most_tries if self._verified else self.tries - 1
        return OK if self._verified else bytes([0x63, 0xC0 | self.tries]) if self.tries else BLOCKED

    def _change(self, reference: int, data: bytes) -> bytes:
        if reference == PUK:
            if data[:8] != _padded(self.puk):
                return self._wrong_puk()
            self.puk = _typed(data[8:])
            return OK
        checked = self._verify(data[:8])
        if checked == OK:
            self.pin = _typed(data[8:])
        return checked

    def _unblock(self, data: bytes) -> bytes:
        if self.puk_tries == 0:
            return BLOCKED
        if data[:8] != _padded(self.puk):
            return self._wrong_puk()
        self.pin, self.tries, self.puk_tries = _typed(data[8:]), self.most_tries, self.most_tries
        return OK

    def _wrong_puk(self) -> bytes:
        self.puk_tries -= 1
        return bytes([0x63, 0xC0 | self.puk_tries])

    def _sign(self, reference: int, data: bytes) -> bytes:
        if reference not in self.keys:
            return WRONG_DATA
        if not self._verified:
            return NOT_VERIFIED
        self.log.append(f"SIGN {reference:x}")
        self.before_signing()
        if reference == 0x9C:
            self._verified = False  # PIN Always (SP 800-73-4, part 1, table 4b)
        block = values(values(data)[0x7C])[0x81]
        key = self.keys[reference][0]
        if isinstance(key, rsa.RSAPrivateKey):
            numbers = key.private_numbers()
            made = pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n)
            signature = made.to_bytes((key.key_size + 7) // 8, "big")
        else:
            algorithm: hashes.HashAlgorithm = {32: hashes.SHA256(), 48: hashes.SHA384(), 64: hashes.SHA512()}[
                len(block)
            ]
            signature = key.sign(block, ec.ECDSA(Prehashed(algorithm)))
        return tlv(0x7C, tlv(0x82, signature)) + OK


def _padded(pin: str) -> bytes:
    return pin.encode().ljust(8, b"\xff")


def _typed(padded: bytes) -> str:
    return padded.rstrip(b"\xff").decode()
