"""The compiled place names: one file, mapped into memory, shared by all processes of a machine.

Layout: magic, length of the header, header (JSON: counts, offsets, codes), then a hash table of names (open
addressing over CRC-32, a second CRC to tell names apart), the names with their entities, the entities, their names, and how many words a
name may have by its first.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self
from zlib import adler32, crc32

from wiredesk.errors import Misconfigured
from wiredesk.roles.geotag.cities import MAIN
from wiredesk.roles.geotag.compile import Places
from wiredesk.roles.geotag.entities import KINDS, Entity, Named, Recognised
from wiredesk.roles.geotag.folding import is_han

MAGIC = b"wiredesk gazetteer 1\n"
VERSION = 5
"""Counted up when names, folding or layout change: an older file is compiled anew."""

_SLOT = struct.Struct("<II")
_ENTITY = struct.Struct("<iiiHHIIB")  # id, latitude and longitude in 1/100,000 degree, codes, population, name, kind
_PAIR = struct.Struct("<I")
_NOWHERE = -(2**31)
_CAPITAL = 0x80  # beside the kind
REACH_COUNT = 1 << 20
MAX_WORDS = 8


class Gazetteer:
    """Looks names up; entities are read when asked for."""

    def __init__(self, path: Path) -> None:
        """Map the file. Raises `Misconfigured` where it is none, or of another version."""
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise Misconfigured(f"gazetteer {path}: {error}; `wiredesk gazetteer build` makes it") from error
        if self._map[: len(MAGIC)] != MAGIC:
            raise Misconfigured(f"gazetteer {path} is none of this version: `wiredesk gazetteer build` makes it")
        (length,) = struct.unpack_from("<I", self._map, len(MAGIC))
        start = len(MAGIC) + 4
        header = json.loads(self._map[start : start + length])
        self._slots, self._mask = header["slots"], header["slot_count"] - 1
        self._names, self._entities, self._texts = header["names"], header["entities"], header["texts"]
        self._countries, self._units = header["countries"], header["units"]
        self._reach: int = header["reach"]
        self._reach_mask: int = header["reach_count"] - 1
        self.counts: dict[str, int] = header["counts"]
        self.version: int = header["version"]
        self.look_up = lru_cache(maxsize=20_000)(self._look_up)

    def close(self) -> None:
        """Unmap the file."""
        self.look_up.cache_clear()
        self._map.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def reach(self, first: str) -> int:
        """How many words a name may have that begins with this folded word; of Chinese or Japanese, characters.

        Never too few; too many where two words share a place in the table.
        """
        return self._map[self._reach + (crc32(first.encode()) & self._reach_mask)]

    def _look_up(self, folded: str) -> Recognised | None:
        """The places that a folded name may mean; None where it is unknown."""
        encoded = folded.encode()
        slot, check = crc32(encoded) & self._mask, adler32(encoded)
        while True:
            at, kept = _SLOT.unpack_from(self._map, self._slots + slot * _SLOT.size)
            if at == 0:
                return None
            # The second checksum spares reading the name of most other words that share the slot.
            if kept == check and (candidates := self._named(self._names + at - 1, encoded)) is not None:
                return Recognised(candidates)
            slot = (slot + 1) & self._mask

    def _named(self, at: int, key: bytes) -> Sequence[Named] | None:
        length, count = self._map[at], self._map[at + 1]
        if self._map[at + 2 : at + 2 + length] != key:
            return None
        packed = struct.unpack_from(f"<{count}I", self._map, at + 2 + length)
        return tuple(Named(pair >> 1, self.entity(pair >> 1), bool(pair & 1)) for pair in packed)

    def entity(self, number: int) -> Entity:
        """The place of that number."""
        geoname_id, latitude, longitude, country, unit, population, name, kind = _ENTITY.unpack_from(
            self._map, self._entities + number * _ENTITY.size
        )
        at = self._texts + name
        return Entity(
            kind=KINDS[kind & ~_CAPITAL],
            is_capital=bool(kind & _CAPITAL),
            name=self._map[at + 1 : at + 1 + self._map[at]].decode(),
            geoname_id=geoname_id if geoname_id >= 0 else None,
            latitude=None if latitude == _NOWHERE else latitude / 100_000,
            longitude=None if longitude == _NOWHERE else longitude / 100_000,
            country=self._countries[country],
            unit=self._units[unit],
            population=population,
        )


def write(places: Places, path: Path) -> None:
    """Write the compiled file; a reader sees the old one or the new one, never a part."""
    countries = sorted({entity.country for entity in places.entities})
    units = sorted({"", *(entity.unit for entity in places.entities)})
    entities, texts = _packed_entities(places.entities, countries, units)
    slots, names, slot_count = _packed_names(places)
    reach = _packed_reach(places)
    header: dict[str, object] = {
        "version": VERSION,
        "countries": countries,
        "units": units,
        "slot_count": slot_count,
        "reach_count": REACH_COUNT,
        "reach": 0,
        "counts": {"entities": len(places.entities), "names": len(places.names)},
        "slots": 0,
        "names": 0,
        "entities": 0,
        "texts": 0,
    }
    room = len(json.dumps(header).encode()) + 64
    at = len(MAGIC) + 4 + room
    for section, blob in (
        ("slots", slots),
        ("names", names),
        ("entities", entities),
        ("texts", texts),
        ("reach", reach),
    ):
        header[section] = at
        at += len(blob)
    encoded = json.dumps(header).encode().ljust(room)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    with partial.open("wb") as file:
        file.write(MAGIC + struct.pack("<I", room) + encoded + slots + names + entities + texts + reach)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _packed_reach(places: Places) -> bytes:
    packed = bytearray(REACH_COUNT)
    for name in places.names:
        words = list(name) if is_han(name) else name.split()
        at = crc32(words[0].encode()) & (REACH_COUNT - 1)
        packed[at] = max(packed[at], min(MAX_WORDS, len(words)))
    return bytes(packed)


def _packed_entities(entities: Sequence[Entity], countries: list[str], units: list[str]) -> tuple[bytes, bytes]:
    country_index = {code: index for index, code in enumerate(countries)}
    unit_index = {code: index for index, code in enumerate(units)}
    packed, texts = bytearray(), bytearray()
    for entity in entities:
        name = entity.name.encode()[:255].decode(errors="ignore").encode()
        packed += _ENTITY.pack(
            -1 if entity.geoname_id is None else entity.geoname_id,
            _degrees(entity.latitude),
            _degrees(entity.longitude),
            country_index[entity.country],
            unit_index[entity.unit],
            min(entity.population, 2**32 - 1),
            len(texts),
            KINDS.index(entity.kind) | _CAPITAL * entity.is_capital,
        )
        texts += bytes([len(name)]) + name
    return bytes(packed), bytes(texts)


def _degrees(value: float | None) -> int:
    return _NOWHERE if value is None else round(value * 100_000)


def _packed_names(places: Places) -> tuple[bytes, bytes, int]:
    slot_count = 1 << (len(places.names) * 2).bit_length()
    slots = bytearray(slot_count * _SLOT.size)
    names = bytearray()
    for name, means in places.names.items():
        encoded = name.encode()
        # Springfields are many: the most populous ones can be told apart, the rest is noise.
        best = sorted(means.items(), key=lambda pair: (-pair[1], -places.entities[pair[0]].population))[:60]
        slot = crc32(encoded) & (slot_count - 1)
        while _SLOT.unpack_from(slots, slot * _SLOT.size)[0]:
            slot = (slot + 1) & (slot_count - 1)
        _SLOT.pack_into(slots, slot * _SLOT.size, len(names) + 1, adler32(encoded))
        names += bytes([len(encoded), len(best)]) + encoded
        names += b"".join(_PAIR.pack(number << 1 | (weight == MAIN)) for number, weight in best)
    return bytes(slots), bytes(names), slot_count
