"""JSON Schema: whether a value fits, and whether the schema itself can be used.

Belongs here: the keywords of JSON Schema (draft 2020-12) that descriptions of tools and answers use, checked without
a dependency. Does not belong here: where the value came from. A keyword that is not known here is an error, so that
nothing passes unread; `format` is an annotation, as the standard has it by default.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from epyc_assets.scoring.json_values import same_json
from epyc_assets.scoring.verdicts import InvalidScorerConfig

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "null": (type(None),),
    "number": (int, float), "integer": (int, float),
}  # fmt: skip
# How collections of tools spell them (BFCL after Python, Gemini in capitals).
_TYPE_SPELLINGS = {
    "dict": "object", "list": "array", "tuple": "array", "str": "string", "bool": "boolean", "float": "number",
    "int": "integer", "any": "any", "long": "integer", "double": "number", "char": "string", "arraylist": "array",
    "hashmap": "object",
}  # fmt: skip
_ANNOTATIONS = frozenset(
    ("title", "description", "default", "examples", "$schema", "$id", "$comment", "format", "deprecated", "readOnly",
     "writeOnly", "strict", "example", "optional", "propertyOrdering", "$anchor", "contentEncoding", "contentMediaType")
)  # fmt: skip
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_SCHEMAS = ("items", "not", "additionalProperties", "propertyNames", "contains", "if", "then", "else")
_SCHEMA_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SCHEMA_MAPS = ("properties", "patternProperties", "$defs", "definitions")
_OTHERS = ("type", "enum", "const", "pattern", "required", "uniqueItems", "nullable", "dependentRequired", "$ref")
SUPPORTED = frozenset((*_COUNTS, *_BOUNDS, *_SCHEMAS, *_SCHEMA_LISTS, *_SCHEMA_MAPS, *_OTHERS))
"""The keywords that are checked."""


def check_schema(schema: Any, path: str = "$", root: Any = None) -> None:
    """Refuse a schema that cannot be used as written, whatever value it would meet.

    Raises:
        InvalidScorerConfig: an unknown keyword, a wrong type, an unreadable pattern, or a reference to nothing.
    """
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        raise InvalidScorerConfig(f"The JSON schema at {path} must be an object; got {schema!r}.")
    root = schema if root is None else root
    unknown = sorted(str(key) for key in set(schema) - SUPPORTED - _ANNOTATIONS if not str(key).startswith("x-"))
    if unknown:
        raise InvalidScorerConfig(f"The JSON schema at {path} uses {unknown}, which is not supported.")
    types = schema.get("type", [])
    for name in [types] if isinstance(types, str) else types if isinstance(types, list) else [types]:
        if not isinstance(name, str) or _type_named(name) not in (*_TYPES, "any"):
            raise InvalidScorerConfig(
                f"The JSON schema at {path} names a type {name!r}; the types are {', '.join(_TYPES)}."
            )
    for key in (*_COUNTS, *_BOUNDS):
        value = schema.get(key, 0)
        usable = isinstance(value, int if key in _COUNTS else (int, float)) and (
            not isinstance(value, bool) or key.startswith("exclusive")
        )
        if not usable or (key == "multipleOf" and key in schema and not value > 0):
            raise InvalidScorerConfig(f"'{key}' in the JSON schema at {path} must be a number; got {value!r}.")
    for key in ("enum", "required"):
        if not isinstance(schema.get(key, []), list):
            raise InvalidScorerConfig(f"'{key}' in the JSON schema at {path} must be a list; got {schema[key]!r}.")
    for pattern in [schema.get("pattern", ""), *_mapping(schema, "patternProperties", path)]:
        try:
            re.compile(pattern)
        except (re.error, TypeError) as error:
            raise InvalidScorerConfig(f"The pattern {pattern!r} in the JSON schema at {path}: {error}.") from error
    if any(not isinstance(needed, list) for needed in _mapping(schema, "dependentRequired", path).values()):
        raise InvalidScorerConfig(f"'dependentRequired' in the JSON schema at {path} must hold lists of keys.")
    if "$ref" in schema:
        _referred(schema["$ref"], root, path)
    for place, inner in _inner_schemas(schema, path):
        check_schema(inner, place, root)


def _mapping(schema: Mapping[str, Any], key: str, path: str) -> Mapping[str, Any]:
    value = schema.get(key, {})
    if not isinstance(value, Mapping):
        raise InvalidScorerConfig(f"'{key}' in the JSON schema at {path} must be an object; got {value!r}.")
    return value


def _inner_schemas(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for key in _SCHEMAS:
        if key == "items" and isinstance(schema.get(key), list):  # how drafts up to 7 write prefixItems
            yield from ((f"{path}.items[{index}]", entry) for index, entry in enumerate(schema[key]))
        elif key in schema:
            yield f"{path}.{key}", schema[key]
    for key in _SCHEMA_LISTS:
        entries = schema.get(key, [])
        if not isinstance(entries, list) or (key in schema and not entries):
            raise InvalidScorerConfig(f"'{key}' in the JSON schema at {path} must be a list; got {entries!r}.")
        yield from ((f"{path}.{key}[{index}]", entry) for index, entry in enumerate(entries))
    for key in _SCHEMA_MAPS:
        yield from ((f"{path}.{key}.{name}", entry) for name, entry in _mapping(schema, key, path).items())


def _referred(reference: Any, root: Any, path: str) -> Any:
    """The part of the schema that a local reference ("#/$defs/city") points to."""
    found = root
    if not isinstance(reference, str) or not reference.startswith("#"):
        raise InvalidScorerConfig(f"The JSON schema at {path} refers to {reference!r}; only '#/...' is supported.")
    for step in reference.lstrip("#").split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or step not in found:
            raise InvalidScorerConfig(f"The JSON schema at {path} refers to {reference!r}, which is not in it.")
        found = found[step]
    return found


def schema_fault(value: Any, schema: Any, path: str = "$", root: Any = None) -> str | None:
    """The first way in which a JSON value breaks a JSON Schema that `check_schema` accepts, or None.

    Raises:
        RecursionError: the value, or a schema that refers to itself, is nested too deeply.
    """
    if isinstance(schema, bool):
        return None if schema else f"{path} is not allowed"
    root = schema if root is None else root
    if "$ref" in schema:
        fault = schema_fault(value, _referred(schema["$ref"], root, path), path, root)
        if fault:
            return fault
    if value is None and schema.get("nullable") is True:
        return None
    return (
        _plain_fault(value, schema, path)
        or _combined_fault(value, schema, path, root)
        or (
            _array_fault(value, schema, path, root)
            if isinstance(value, list)
            else _object_fault(value, schema, path, root)
            if isinstance(value, Mapping)
            else None
        )
    )


def _plain_fault(value: Any, schema: Mapping[str, Any], path: str) -> str | None:
    """What can be told of a value without looking into it."""
    types = schema.get("type")
    if types is not None and not any(_is_type(value, name) for name in ([types] if isinstance(types, str) else types)):
        return f"{path} is not of type {types}"
    if "enum" in schema and not any(same_json(value, allowed) for allowed in schema["enum"]):
        return f"{path} is none of {schema['enum']}"
    if "const" in schema and not same_json(value, schema["const"]):
        return f"{path} is not {schema['const']!r}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        bounded = (
            schema.get("minimum", value) <= value <= schema.get("maximum", value)
            and value > _exclusive(schema, "minimum", "exclusiveMinimum", -math.inf)
            and value < _exclusive(schema, "maximum", "exclusiveMaximum", math.inf)
        )
        if not bounded:
            return f"{path} is out of bounds"
        if "multipleOf" in schema and not _is_multiple(value, schema["multipleOf"]):
            return f"{path} is not a multiple of {schema['multipleOf']}"
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            return f"{path} has a length out of bounds"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return f"{path} does not match the pattern {schema['pattern']!r}"
    return None


def _exclusive(schema: Mapping[str, Any], bound: str, key: str, absent: float) -> float:
    """An exclusive bound: a number, or true where the bound beside it is meant (draft 4, OpenAPI 3.0)."""
    value = schema.get(key, False)
    return (schema.get(bound, absent) if value else absent) if isinstance(value, bool) else value


def _type_named(name: str) -> str:
    return _TYPE_SPELLINGS.get(name.lower(), name.lower())


def _is_type(value: Any, name: str) -> bool:
    name = _type_named(name)
    if name == "any":
        return True
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name])


def _is_multiple(value: float, step: float) -> bool:
    if isinstance(value, int) and isinstance(step, int):
        return value % step == 0
    quotient = value / step
    return math.isfinite(quotient) and abs(quotient - round(quotient)) < 1e-9


def _combined_fault(value: Any, schema: Mapping[str, Any], path: str, root: Any) -> str | None:
    def fits(inner: Any) -> bool:
        return schema_fault(value, inner, path, root) is None

    for inner in schema.get("allOf", ()):
        fault = schema_fault(value, inner, path, root)
        if fault:
            return fault
    if "anyOf" in schema and not any(map(fits, schema["anyOf"])):
        return f"{path} fits none of anyOf"
    if "oneOf" in schema and (count := sum(map(fits, schema["oneOf"]))) != 1:
        return f"{path} fits {count} of oneOf, wanted one"
    if "not" in schema and fits(schema["not"]):
        return f"{path} is what 'not' rules out"
    if "if" in schema:
        return schema_fault(value, schema.get("then" if fits(schema["if"]) else "else", True), path, root)
    return None


def _array_fault(value: list[Any], schema: Mapping[str, Any], path: str, root: Any) -> str | None:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return f"{path} has {len(value)} entries, out of bounds"
    if schema.get("uniqueItems") is True and _repeats(value):
        return f"{path} has an entry twice"
    first, rest = schema.get("prefixItems", []), schema.get("items", True)
    if isinstance(rest, list):
        first, rest = rest, True
    for index, entry in enumerate(value):
        fault = schema_fault(entry, first[index] if index < len(first) else rest, f"{path}[{index}]", root)
        if fault:
            return fault
    if "contains" in schema and all(schema_fault(entry, schema["contains"], path, root) for entry in value):
        return f"{path} contains no entry as wanted"
    return None


def _repeats(value: list[Any]) -> bool:
    """Whether two entries are equal: by a text of each, in which 1 and 1.0 are alike and keys are in order."""
    seen: set[str] = set()
    for entry in value:
        text = _canonical(entry)
        if text in seen:
            return True
        seen.add(text)
    return False


def _canonical(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ",".join(sorted(f"{key!r}:{_canonical(entry)}" for key, entry in value.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return repr(value)


def _object_fault(value: Mapping[str, Any], schema: Mapping[str, Any], path: str, root: Any) -> str | None:
    missing = [key for key in schema.get("required", []) if key not in value]
    if missing:
        return f"{path} lacks {missing}"
    for key, needed in schema.get("dependentRequired", {}).items():
        if key in value and (missing := [name for name in needed if name not in value]):
            return f"{path} has {key!r} and lacks {missing}"
    if not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", len(value)):
        return f"{path} has {len(value)} keys, out of bounds"
    for key, entry in value.items():
        if "propertyNames" in schema and schema_fault(key, schema["propertyNames"], path, root):
            return f"{path} has the unexpected key {key!r}"
        for rule in rules_of(key, schema):
            if rule is False:
                return f"{path} has the unexpected key {key!r}"
            fault = schema_fault(entry, rule, f"{path}.{key}", root)
            if fault:
                return fault
    return None


def rules_of(key: str, schema: Mapping[str, Any], default: Any = True) -> list[Any]:
    """The schemas that the value of a key must fit; `default` where no keyword speaks of the key."""
    properties = schema.get("properties", {})
    rules = [properties[key]] if key in properties else []
    rules += [rule for pattern, rule in schema.get("patternProperties", {}).items() if re.search(pattern, key)]
    return rules or [schema.get("additionalProperties", default)]
