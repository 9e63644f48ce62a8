"""Network descriptions: tables with torch's names for layers and options.

`network_of` and `spec_of` are inverse up to weights: a description holds shapes
and options, weights come from a seed or a file. Reads TOML; the same tables, as
JSON, travel in a workbook's properties. Never reads weights.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from xlconv.errors import SpecError, XlconvError
from xlconv.layers import LAYERS, Layer, Options, near, unknown_key
from xlconv.network.initialise import ALIASES, METHODS
from xlconv.network.network import Network, default_names, layer_place

# Custom document properties of our own workbooks, for those who check them later.
SPEC_PROPERTY = "xlconv.spec"
FINGERPRINT_PROPERTY = "xlconv.weights.sha256"
_READS = "reads"
_KEYS = ["name", "input", "seed", "init", "weights", "classes", "layers"]
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MAX_NAME = 60


class Spec(Struct, frozen=True):
    """A described network, weights all zero, and where its weights come from."""

    network: Network
    seed: int | None = None
    init: str | None = None
    weights: Path | None = None


def further_spec(number: int) -> str:
    """Return the property that describes a network of a sheet; number 0 is the first one's."""
    return f"{SPEC_PROPERTY}-{number}" if number else SPEC_PROPERTY


def read_spec(path: str | Path) -> Spec:
    """Read a TOML description. Raises SpecError and others with the file's name in front.

    A weights file is looked for beside the description.
    """
    path = Path(path)
    import tomllib  # noqa: PLC0415  workbooks bring their description as JSON

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise SpecError(f"{path}: {reason}; expected a TOML file") from None
    try:
        table = tomllib.loads(text)
        spec = spec_from(table, default_name=path.stem)
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{path}: not TOML: {error}") from None
    except RecursionError:
        raise SpecError(f"{path}: nested too deep; expected a table per layer") from None
    except XlconvError as error:
        raise error.at(path) from None
    if spec.weights is None:
        return spec
    return Spec(spec.network, spec.seed, spec.init, path.parent / spec.weights)


def spec_from(table: Mapping[str, Any], default_name: str = "network") -> Spec:
    """Return the description that a table spells. Raises SpecError or ShapeError."""
    for key in table:
        if key not in _KEYS:
            raise SpecError(unknown_key(key, _KEYS))
    seed, init, weights = table.get("seed"), table.get("init"), table.get("weights")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool) or seed < 0):
        raise SpecError(f"seed = {seed!r}: expected a whole number of at least 0")
    if init is not None and init not in (*METHODS, *ALIASES):
        raise SpecError(f"init = {init!r}: expected one of {', '.join((*METHODS, *ALIASES))}")
    if weights is not None and not isinstance(weights, str):
        raise SpecError(f"weights = {weights!r}: expected the name of an .npz file")
    if weights is not None and (seed is not None or init is not None):
        raise SpecError("weights and seed or init: expected one source of weights")
    network = network_of(table, default_name)
    return Spec(network, seed, init, Path(weights) if weights is not None else None)


def network_of(table: Mapping[str, Any], default_name: str = "network") -> Network:
    """Return the network that a table describes, all weights zero."""
    tables = table.get("layers")
    if isinstance(tables, dict):
        raise SpecError("layers is a single table: expected [[layers]], in double brackets")
    if not isinstance(tables, list) or not tables:
        raise SpecError("layers are missing: expected [[layers]] tables")
    shape = _input_shape(table.get("input"))
    kinds = [_kind(number, one) for number, one in enumerate(tables, 1)]
    names = _names(tables, kinds)
    layers: list[Layer] = []
    shapes, sources = [shape], []
    for number, (name, kind, one) in enumerate(zip(names, kinds, tables, strict=True), 1):
        options = Options({key: one[key] for key in one if key not in ("type", "name", _READS)})
        try:
            read = _sources(one.get(_READS), kind, names[: number - 1])
            layer = kind.build(options, shapes[read[0]])
            options.finish()
            shapes.append(layer.output_shape(*(shapes[k] for k in read)))
        except XlconvError as error:
            raise error.at(layer_place(number, name)) from None
        layers.append(layer)
        sources.append(read)
    classes = _strings("classes", table.get("classes", []))
    title = table.get("name", default_name)
    if not isinstance(title, str) or not title.strip():
        raise SpecError(f"name = {title!r}: expected a text")
    return Network(shape, tuple(layers), names, classes, title, tuple(sources))


def _sources(value: Any, kind: type[Layer], names: tuple[str, ...]) -> tuple[int, ...]:
    """Return the tensors that a layer reads: the one before, or those it names.

    A layer that reads several may name just the others.
    """
    before = (len(names),)
    if value is None and 1 in kind.inputs:
        return before
    known = ("input", *names)
    given = [value] if isinstance(value, str) else value
    places = (
        [known.index(one) if one in known else None for one in given]
        if isinstance(given, list)
        else [None]
    )
    fits = len(places) in kind.inputs or len(before) + len(places) in kind.inputs
    if not places or None in places or not fits:
        found = f"{_READS} is missing" if value is None else f"{_READS} = {value!r}"
        raise SpecError(f"{found}: expected {_readable(kind, known)}")
    read = tuple(one for one in places if one is not None)
    return read if len(read) in kind.inputs else before + read


def _readable(kind: type[Layer], known: tuple[str, ...]) -> str:
    """Say what a layer may read, by an example where it joins the tensor before it to another."""
    if 1 in kind.inputs:
        return "the name of a layer before it, or 'input'"
    more = "" if len(kind.inputs) == 1 else " or more"
    return (
        f"the name of a layer before it, or 'input', as in {_READS} = \"{known[-2:][0]}\", "
        f"which it reads beside the layer right before; or a list of {kind.inputs[0]}{more} names"
    )


def spec_of(network: Network) -> dict[str, Any]:
    """Return the table that describes a network, without its weights."""
    table: dict[str, Any] = {"name": network.name, "input": list(network.input_shape)}
    if network.classes:
        table["classes"] = list(network.classes)
    defaults = default_names([type(layer) for layer in network.layers])
    table["layers"] = [
        {"type": type(layer).__name__}
        | ({"name": name} if name != default else {})
        | layer.options()
        | _reads(network, k)
        for k, (name, default, layer) in enumerate(
            zip(network.names, defaults, network.layers, strict=True)
        )
    ]
    return table


def is_layer_name(name: str) -> bool:
    """Return whether a layer may be called so; `input` and names taken are other matters."""
    return _NAME.fullmatch(name) is not None and len(name) <= _MAX_NAME


def _reads(network: Network, k: int) -> dict[str, Any]:
    """Return what layer k reads, where that is not the layer before."""
    sources = network.sources[k]
    if sources == (k,):
        return {}
    names = [("input", *network.names)[one] for one in sources]
    if len(sources) > 1 and sources[0] == k:
        names = names[1:]
    return {_READS: names[0] if len(names) == 1 else names}


def _input_shape(value: Any) -> tuple[int, ...]:
    if (
        isinstance(value, list)
        and len(value) in (1, 3)
        and all(isinstance(n, int) and not isinstance(n, bool) and n >= 1 for n in value)
    ):
        return tuple(value)
    raise SpecError(
        f"input = {value!r}: expected [channels, height, width]"
        if value is not None
        else "input is missing: expected input = [channels, height, width]"
    )


def _kind(number: int, table: Any) -> type[Layer]:
    if not isinstance(table, dict) or not isinstance(table.get("type"), str):
        raise SpecError(f"layer {number}: type is missing; expected one of {', '.join(LAYERS)}")
    if table["type"] not in LAYERS:
        likely = near(table["type"], LAYERS)
        meant = f"did you mean {likely[0]!r}? " if likely else ""
        raise SpecError(
            f"layer {number}: type = {table['type']!r}: {meant}expected one of {', '.join(LAYERS)}"
        )
    return LAYERS[table["type"]]


def _names(tables: list[dict[str, Any]], kinds: list[type[Layer]]) -> tuple[str, ...]:
    names: list[str] = []
    for number, (table, default) in enumerate(zip(tables, default_names(kinds), strict=True), 1):
        name = table.get("name", default)
        if not isinstance(name, str) or not is_layer_name(name):
            raise SpecError(
                f"layer {number}: name = {name!r}: expected letters, digits and _, "
                f"at most {_MAX_NAME}, not beginning with a digit"
            )
        if name.lower() in (one.lower() for one in (*names, "input")):
            raise SpecError(f"layer {number}: name = {name!r} is taken: expected another")
        names.append(name)
    return tuple(names)


def _strings(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise SpecError(f"{key} = {value!r}: expected a list of texts")
    return tuple(value)
