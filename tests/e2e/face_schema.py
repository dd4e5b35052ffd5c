"""The part of JSON Schema that vendors' descriptions and data actions' contracts use, and where those files are:
folders of foreign files beside CORPORA, or named in BLUEPRINT and OPENAPI.
"""
import os

import pytest

KINDS = {"string": str, "object": dict, "array": list, "boolean": bool, "number": (int, float),
         "integer": int, "null": type(None)}


def folder(name, *files):
    """The folder of that name, which holds these files; skips aloud if one is missing."""
    corpora = os.environ.get("CORPORA")
    path = os.environ.get(name.upper()) or \
        (corpora and os.path.join(os.path.dirname(os.path.abspath(corpora)), name))
    for file in files:
        if not path or not os.path.exists(os.path.join(path, file)):
            pytest.skip(f"SKIPPED aloud: no {name}/{file} beside CORPORA or in {name.upper()}")
    return path


def is_kind(value, kind):
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, KINDS[kind])


def faults(value, schema, root=None, where="$", kinds=is_kind):
    """Every mismatch, as a text. kinds: says whether a value is of a type."""
    root = schema if root is None else root
    while "$ref" in schema:
        target = root
        for part in schema["$ref"].lstrip("#/").split("/"):
            target = target[part]
        schema = target
    types = schema.get("type", [])
    types = types if isinstance(types, list) else [types]
    if types and not any(kinds(value, kind) for kind in types):
        return [f"{where}: {value!r} is no {' or '.join(types)}"]
    out = []
    if "enum" in schema and value not in schema["enum"]:
        out.append(f"{where}: {value!r} is none of {schema['enum']}")
    if isinstance(value, dict):
        out += [f"{where}.{name} is missing" for name in schema.get("required", []) if name not in value]
        for name, item in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if isinstance(inner, dict):
                out += faults(item, inner, root, f"{where}.{name}", kinds)
            elif inner is None and "properties" in schema:
                out.append(f"{where}.{name} is not described")
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for i, item in enumerate(value):
            out += faults(item, schema["items"], root, f"{where}[{i}]", kinds)
    return out
