"""The label fingerprint of Prometheus, Alertmanager and Grafana."""

from collections.abc import Mapping

_OFFSET = 0xCBF29CE484222325
_PRIME = 0x100000001B3
_MASK = 0xFFFFFFFFFFFFFFFF


def fingerprint(labels: Mapping[str, str]) -> str:
    """64-bit FNV-1a over the labels sorted by name, byte 0xFF after each name and value; 16 hex digits."""
    value = _OFFSET
    encoded = sorted(
        (name.encode(errors="replace"), text.encode(errors="replace")) for name, text in labels.items()
    )
    for pair in encoded:
        for part in pair:
            for byte in (*part, 0xFF):
                value = ((value ^ byte) * _PRIME) & _MASK
    return f"{value:016x}"
