r"""How the names in a zip archive are read.

An archive says for each entry that its name is UTF-8 (bit 11 of the flags) or nothing; then the
name is in the encoding of the machine that made it. Windows Explorer writes names in the machine's
DOS code page, macOS writes UTF-8 without the flag, and PowerShell 5 separates folders by `\`.

The sections are those of PKWARE's APPNOTE.TXT 6.3.10.
"""

import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import chardet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interviews.challenges.desktop_files import ignored_part
from interviews.challenges.storage import is_printable, printable_path

# General purpose bit 11 (4.4.4): the name is UTF-8.
UTF_8_FLAG = 0x800
# The Info-ZIP Unicode Path extra field (4.6.9).
UNICODE_PATH = 0x7075
# "Version made by" (4.4.2) of FAT, HPFS, NTFS and VFAT, where no name can hold a backslash.
BACKSLASH_SYSTEMS = frozenset({0, 6, 10, 14})
# Names of a reading that are shown to choose by.
SAMPLES = 6


class NameEncoding(StrEnum):
    """The encodings that names are read in; the values are the names of Python's codecs."""

    UTF_8 = "utf-8"
    # Before CP437, with which it shares most letters of Western Europe.
    CP850 = "cp850"
    CP437 = "cp437"
    CP852 = "cp852"
    CP866 = "cp866"
    CP932 = "cp932"
    CP949 = "cp949"
    CP950 = "cp950"
    GBK = "gbk"

    @property
    def label(self) -> str:
        """The languages that it is used for."""
        return str(_LABELS[self])


_LABELS: dict[NameEncoding, Any] = {
    NameEncoding.UTF_8: gettext_lazy("Any language"),
    NameEncoding.CP437: gettext_lazy("English (US)"),
    NameEncoding.CP850: gettext_lazy("Western European"),
    NameEncoding.CP852: gettext_lazy("Central European"),
    NameEncoding.CP866: gettext_lazy("Cyrillic"),
    NameEncoding.CP932: gettext_lazy("Japanese"),
    NameEncoding.CP949: gettext_lazy("Korean"),
    NameEncoding.CP950: gettext_lazy("Chinese, traditional"),
    NameEncoding.GBK: gettext_lazy("Chinese, simplified"),
}

# The names of chardet for those of Windows.
_SUPERSETS = {"big5hkscs": NameEncoding.CP950, "gb18030": NameEncoding.GBK}


class UnfitEncodingError(ValueError):
    """The names are not in the encoding that was asked for; the message says so."""


@dataclass(frozen=True)
class Reading:
    """One way to read the names that do not say their encoding, with some of them to look at."""

    encoding: NameEncoding
    samples: tuple[str, ...]


@dataclass(frozen=True)
class ZipNames:
    """The names of an archive's entries, in their order.

    `encoding` is that of the names without the flag. `readings` are the ways to read them if
    `encoding` is a guess among several, the guess first.
    """

    names: list[str]
    encoding: NameEncoding
    readings: tuple[Reading, ...] = ()


def decode_names(
    entries: Sequence[zipfile.ZipInfo], encoding: NameEncoding | None = None
) -> ZipNames:
    """Return the entries' names in NFC and with `/` between folders; "" is the top folder.

    Names with the flag or with a Unicode Path field are what these say. The others are read in
    `encoding`; without one as UTF-8 if all of them are valid, or else by a guess.

    Raises:
        UnfitEncodingError: if the names are not in `encoding`.
    """
    known = [_declared_name(entry) for entry in entries]
    raw = [_raw_name(entry) for entry, name in zip(entries, known, strict=True) if name is None]
    # Files that are left out need no right name, and no choice.
    telling = [name for name in raw if not ignored_part(name.decode("cp437"))]
    readings: tuple[Reading, ...] = ()
    if encoding is None:
        encoding, readings = _find_encoding(telling)
    elif _decode(telling, encoding) is None:
        raise UnfitEncodingError(_unfit_sentence(telling, encoding))
    rest = (_normal(name.decode(encoding, "replace")) for name in raw)
    names = [next(rest) if name is None else name for name in known]
    return ZipNames(_with_slashes(names, entries), encoding, readings)


def _declared_name(entry: zipfile.ZipInfo) -> str | None:
    """The name, or None if it is neither ASCII nor says its encoding."""
    if entry.flag_bits & UTF_8_FLAG or entry.orig_filename.isascii():
        # zipfile has decoded it. Its `filename` is truncated at a zero byte.
        return _normal(entry.orig_filename)
    name = _unicode_path(entry)
    return None if name is None else _normal(name)


def _raw_name(entry: zipfile.ZipInfo) -> bytes:
    """The bytes of a name without the flag. zipfile decodes them as CP437, which has all 256."""
    return entry.orig_filename.encode("cp437")


def _unicode_path(entry: zipfile.ZipInfo) -> str | None:
    """The name in the Unicode Path field, if that belongs to this name (4.6.9)."""
    for kind, data in _extra_fields(entry.extra):
        if kind != UNICODE_PATH or len(data) < 5:
            continue
        version, checksum = struct.unpack_from("<BL", data)
        # Another checksum: a tool renamed the entry and did not know the field.
        if version == 1 and checksum == zlib.crc32(_raw_name(entry)):
            try:
                return data[5:].decode()
            except UnicodeDecodeError:
                return None
    return None


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, place)
        yield kind, extra[place + 4 : place + 4 + size]
        place += 4 + size


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _decode(raw: Sequence[bytes], encoding: NameEncoding) -> list[str] | None:
    """The names, or None if one of them is not in this encoding."""
    try:
        return [_normal(name.decode(encoding)) for name in raw]
    except UnicodeDecodeError:
        return None


def _find_encoding(raw: Sequence[bytes]) -> tuple[NameEncoding, tuple[Reading, ...]]:
    """The likeliest encoding, and all different readings if there are several."""
    if _decode(raw, NameEncoding.UTF_8) is not None:
        return NameEncoding.UTF_8, ()
    decoded = {
        encoding: names
        for encoding in NameEncoding
        if (names := _decode(raw, encoding)) is not None and _are_plausible(names)
    }
    if not decoded:
        # The check of their paths names one.
        return NameEncoding.CP437, ()
    found = chardet.detect(
        b"\n".join(raw),
        include_encodings=list(decoded),
        no_match_encoding=next(iter(decoded)),
        compat_names=False,
    )["encoding"]
    found = _SUPERSETS.get(str(found), found)
    best = next((each for each in decoded if each == found), next(iter(decoded)))
    different = {tuple(decoded[best]): best}
    for encoding, names in reversed(decoded.items()):
        different[tuple(names)] = encoding
    readings = tuple(
        Reading(encoding, tuple(dict.fromkeys(names))[:SAMPLES])
        for names, encoding in different.items()
    )
    return readings[0].encoding, readings if len(readings) > 1 else ()


def _are_plausible(names: list[str]) -> bool:
    """True if people can have written them: no invisible, private use or unassigned characters."""
    return all(
        is_printable(char) and unicodedata.category(char) not in ("Cf", "Co", "Cn")
        for char in set("".join(names))
    )


def _with_slashes(names: list[str], entries: Sequence[zipfile.ZipInfo]) -> list[str]:
    r"""Read `\` as a separator where it is one, and leave out `./` at the beginning.

    A name on Unix may hold a backslash. It is a separator in entries made on Windows, as by
    PowerShell 5, and in an archive in which nothing else separates. The tar of Windows and of
    macOS writes `./` if the folder itself is packed.
    """
    is_flat = not any("/" in name for name in names)
    return [
        (
            name.replace("\\", "/") if is_flat or entry.create_system in BACKSLASH_SYSTEMS else name
        ).removeprefix("./")
        for name, entry in zip(names, entries, strict=True)
    ]


def _unfit_sentence(raw: Sequence[bytes], encoding: NameEncoding) -> str:
    name = next(each for each in raw if _decode([each], encoding) is None)
    shown = printable_path(name.decode("ascii", "backslashreplace"))
    return _("The file name %(name)s isn't in %(encoding)s. Choose another encoding.") % {
        "name": shown,
        "encoding": encoding.value,
    }
