#!/usr/bin/env python3
"""oracle_wire.py: judge a drift report's witnesses by openapi-core, on the wire.

    python3 -m venv venv && venv/bin/pip install 'openapi-core==0.23.1' 'openapi-schema-validator==0.8.1' jsonschema pyyaml
    venv/bin/python oracle_wire.py OLD NEW REPORT.json      # or: OLD NEW --xtask target/release/xtask --root .
    or: --cases FILE.jsonl --xtask PATH --root .    small pairs, one a line: {id, old, new}, each a text or {path: text}
    options: --all (risky findings with a witness too), --json, --quiet (totals and contradictions only)

For each finding with a witness the message is written as bytes (request target, headers, body), by the parameter styles,
`content`, media types and encodings of the document that ALLOWS it, is parsed again as a server or client would, and is
given to openapi-core with both documents.  A value without a message is put into one where it is a whole body; elsewhere
the two schemas judge it alone, by jsonschema (openapi-schema-validator, OAS 3.0 or 3.1), and the reason says `(schemas only)`.  `confirmed`: the allowing one accepts it, and the other one refuses it at the
place that the finding names.  `contradicted`: the allowing one refuses it, or the other one accepts it.
`contradicted (message)`: the claim holds, but `message` names a media type that the allowing document does not list
there.  Exit status 1 with a contradiction, 0 otherwise, 2 for bad input.

The writer must fit as well: callers keep to the pin in requests (and in answers to webhooks), the service to staging.

Prepared away before openapi-core sees a document: `security` (unless the rule is about it; a message still carries the
credentials of the allowing side's first alternative); hosts of `servers` (base
paths are kept); `allowEmptyValue`; webhooks and callbacks (moved to the path /hook in both).  Formats are asserted
first, and taken as annotations if that does not confirm the finding.  Text without one declared type (`type` lists, enum,
anyOf) is accepted when any reading of it (text, number, boolean, null) validates: openapi-core casts only by a plain `type`.
A finding that is not confirmed to the letter is judged once more with both documents read as docs/readings.md says
(`as read`): `nullable` and null beside an enum, an enum on an array, and then with `discriminator` as the hint that
OpenAPI 3.0.4 and 3.1.1 call it ("MUST NOT change the validation outcome"); openapi-core refuses where a tag is left out.
Cannot judge: OAuth 2, OpenID Connect and mutual TLS; XML and unknown binary media types; matrix and label styles;
null, commas and nested values inside a styled parameter; an empty text body; forms whose schema
has no `properties`; required read-only properties in 3.1; Swagger 2.0; whatever makes openapi-core itself fail;
and anything that takes longer than LIMIT seconds of the processor.  It judges what is reported; it never finds what is missing.
"""
import argparse, copy, json, logging, os, re, signal, subprocess, sys, tempfile, urllib.parse as up, warnings
import yaml
from jsonschema.exceptions import ValidationError
from jsonschema_path import SchemaPath
from jsonschema_path.handlers import FileHandler
from werkzeug.datastructures import Headers, ImmutableMultiDict
from openapi_core import V30RequestValidator, V30ResponseValidator, V31RequestValidator, V31ResponseValidator
from openapi_core.casting.schemas import casters
from openapi_core.datatypes import RequestParameters
from openapi_core.deserializing.media_types.deserializers import MediaTypeDeserializer
from openapi_core.deserializing.media_types.util import json_loads, plain_loads
from openapi_core.deserializing.styles import style_deserializers as styles
from openapi_core.deserializing.styles.util import deep_object_loads, delimited_loads
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.media_types.exceptions import MediaTypeNotFound
from openapi_core.templating.paths.exceptions import PathError
from openapi_core.templating.paths.parsers import PathParser

warnings.simplefilter("ignore"), logging.disable(logging.CRITICAL)
LIMIT = 20
METHODS = "get put post delete options head patch trace".split()
casters.BOOLEAN_TRUE_VALUES, casters.BOOLEAN_FALSE_VALUES = ("true",), ("false",)  # it would take `1`, `yes`, `on`
styles["deepObject"] = lambda e, n, t, loc: deep(n, t, loc)  # it fails for what is absent, and where `explode` is not given
PathParser._PARAM_PATTERN = "[^/]+"  # it would take an empty segment, which no router gives to a parameter
styles["spaceDelimited"] = lambda e, n, t, loc: delimited_loads(e, n, t, loc, " ")  # it expects an undecoded %20


class Cannot(Exception):
    """Why a finding cannot be judged."""


class Reading(Cannot):
    """A reading on which tools differ."""


class Contradicted(Exception):
    """Why a finding is wrong before any message is sent."""


class Retype(Exception):
    """The media type to judge a message by whose own one is not declared."""


def deep(name, kind, location):
    keys = [k for k in location if k.split("[")[0] == name]
    if not keys:
        raise KeyError(name)
    if kind != "object" or any(k.count("[") != 1 for k in keys):
        raise Cannot(f"`{name}` as a deepObject that is no flat object")
    return deep_object_loads(True, name, kind, location)


def alarm(*_):
    raise Cannot(f"more than {LIMIT} s of the processor")


# ---- documents ---------------------------------------------------------------------------------------------------
class Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
    yaml_implicit_resolvers = {}


for tag, pattern, first in (("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"), ("int", r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+", "-+0123456789"),
                            ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+.0123456789"),
                            ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]), ("merge", r"<<", "<")):
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(f"^(?:{pattern})$"), list(first))
Loader.add_constructor("tag:yaml.org,2002:int", lambda l, n: int(n.value, 0) if re.match("0[xo]", n.value) else int(n.value))
Loader.add_constructor("tag:yaml.org,2002:float", lambda l, n: float(n.value.replace(".inf", "inf").replace(".nan", "nan")))


def strings(node):  # JSON's view: every key is text
    if isinstance(node, dict):
        return {("null" if k is None else str(k).lower() if isinstance(k, bool) else str(k)): strings(v) for k, v in node.items()}
    return [strings(v) for v in node] if isinstance(node, list) else node


def refuse_url(uri):
    raise Cannot(f"remote reference {uri}")


NULL = {"nullable": True, "enum": [None]}


def as_read(node, v30, hints, alternative=False):
    """A document with its contested keywords written as docs/readings.md reads them; with `hints` without discriminators."""
    if isinstance(node, list):
        return [as_read(v, v30, hints, alternative) for v in node]
    if not isinstance(node, dict):
        return node
    if alternative and v30 and set(node) == {"nullable"} and node["nullable"] is True:
        return dict(NULL)
    out = {k: v if k in ("enum", "example", "examples", "default") else as_read(v, v30, hints, k in ("anyOf", "oneOf")) for k, v in node.items()
           if not (hints and k == "discriminator" and isinstance(v, dict) and isinstance(v.get("propertyName"), str))}
    values, kind = out.get("enum"), out.get("type")
    if isinstance(values, list) and kind == "array" and not any(isinstance(v, list) for v in values):
        out["items"] = {"allOf": [out.get("items") or {}, {"enum": out.pop("enum")}]}
        values = None
    takes_null = out.get("nullable") is True if v30 else isinstance(kind, list) and "null" in kind
    if takes_null and isinstance(values, list) and None not in values:
        out["enum"] = values + [None]
    if v30 and takes_null and ("$ref" in out or not isinstance(kind, str) and {"allOf", "anyOf", "oneOf"} & set(out)):
        out.pop("nullable")
        return {"nullable": True, "anyOf": [{"$ref": out["$ref"]} if "$ref" in out else out, dict(NULL)]}
    return out


def mirror(node):
    if isinstance(node, dict):
        flags = {other: node.pop(own) for own, other in (("readOnly", "writeOnly"), ("writeOnly", "readOnly")) if isinstance(node.get(own), bool)}
        node.update(flags)
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        mirror(value)


def unsent(doc, node, depth=0):
    """The names that a schema or what it is made of by allOf declares as readOnly."""
    if not isinstance(node, dict) or depth > 20:
        return set()
    if isinstance(node.get("$ref"), str):
        try:
            target = doc
            for part in up.unquote(node["$ref"]).split("/")[1:]:
                part = part.replace("~1", "/").replace("~0", "~")
                target = target[int(part)] if isinstance(target, list) else target[part]
        except (KeyError, IndexError, ValueError, TypeError):
            return set()
        return unsent(doc, target, depth + 1)
    properties = node.get("properties") if isinstance(node.get("properties"), dict) else {}
    own = {k for k, v in properties.items() if isinstance(v, dict) and v.get("readOnly") is True}
    return own.union(*(unsent(doc, part, depth + 1) for part in node.get("allOf") or []))


def unrequire(doc, node):
    """Requests are not asked for a readOnly property that another part of an allOf declares: openapi-core looks in one part."""
    if isinstance(node, list):
        return [unrequire(doc, value) for value in node]
    if not isinstance(node, dict):
        return None
    parts = node.get("allOf")
    if isinstance(parts, list):
        names = unsent(doc, node)
        for part in [node, *parts]:
            if names and isinstance(part, dict) and isinstance(part.get("required"), list):
                own = part.setdefault("properties", {})
                own.update({k: {**(own.get(k) or {}), "readOnly": True} for k in part["required"] if k in names})
    for value in node.values():
        unrequire(doc, value)


def shape(path):
    return re.sub(r"\{[^}]*\}", "{}", path)


class Doc:
    def __init__(self, path):
        self.path = os.path.abspath(path)
        text = open(self.path, encoding="utf-8-sig").read()
        try:
            self.raw = json.loads(text)
        except ValueError:
            self.raw = strings(yaml.load(text, Loader))
        version = str(self.raw.get("openapi", ""))
        if not version.startswith(("3.0", "3.1")):
            raise Cannot(f"OpenAPI version {version or self.raw.get('swagger')}")
        for ref in set(re.findall(r'"\$ref": "([^"#]+)', json.dumps(self.raw))):  # openapi-core takes what it cannot reach for absent
            if re.match(r"[a-z]+://", ref) or not os.path.exists(os.path.join(os.path.dirname(self.path), up.unquote(ref))):
                raise Cannot(f"a reference leads to {ref}, which is not at hand")
        self.v30, self.made = version.startswith("3.0"), {}

    def at(self, pointer, root=None):
        node = self.raw if root is None else root
        for part in (pointer or "").split("/")[1:]:
            node, part = self.deref(node), part.replace("~1", "/").replace("~0", "~")
            node = node[int(part)] if isinstance(node, list) else node[part]
        return node

    def deref(self, node, depth=0):
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            if not node["$ref"].startswith("#") or depth > 30:
                raise Cannot(f"reference {node['$ref']}")
            node, depth = self.at(up.unquote(node["$ref"][1:])), depth + 1
        return node

    def loose_null(self, node=None):
        node = self.raw if node is None else node
        # Beside a `$ref` no `type` counts in 3.0.
        if isinstance(node, dict) and node.get("nullable") is True and ("$ref" in node or "type" not in node and {"allOf", "anyOf", "oneOf"} & set(node)):
            return True
        return any(self.loose_null(v) for v in (node.values() if isinstance(node, dict) else node) if isinstance(v, (dict, list)))

    def inherits(self, node=None):
        """Whether some discriminator stands beside no alternatives, so that its tag chooses among heirs."""
        node = self.raw if node is None else node
        if isinstance(node, dict) and isinstance(node.get("discriminator"), dict) and not {"oneOf", "anyOf"} & set(node):
            return True
        return any(self.inherits(v) for v in (node.values() if isinstance(node, dict) else node) if isinstance(v, (dict, list)))

    def base(self, servers):
        server = servers[0] if servers else {"url": "/"}
        url = re.sub(r"\{([^}]*)\}", lambda m: str(server.get("variables", {}).get(m[1], {}).get("default", "")), server.get("url", "/"))
        return up.urlparse(up.urljoin("http://h/", url)).path.rstrip("/") or "/"

    def make(self, secure, hook, meant=0):  # the document that openapi-core sees
        key = (secure, hook and hook[0], meant)
        if key in self.made:
            return self.made[key]
        doc = copy.deepcopy(self.raw)
        if hook:
            doc["paths"] = {"/hook": hook[1](self)} if hook[1](self) else {}
        for item in (doc.get("paths") or {}).values():
            while isinstance(item, dict) and isinstance(item.get("$ref"), str) and item["$ref"].startswith("#"):
                item = self.at(up.unquote(item["$ref"][1:]), doc)
            if isinstance(item, dict) and isinstance(item.get("$ref"), str):
                raise Cannot("a path in another file: openapi-core does not follow it")
            shared = item.pop("servers", None) if isinstance(item, dict) else None
            for method in METHODS:
                if isinstance((item or {}).get(method), dict):
                    op = item[method]
                    op["servers"] = [{"url": "/" if hook else self.base(op.get("servers") or shared or doc.get("servers"))}]
                    if not secure:
                        op["x-oracle-security"] = op.pop("security", doc.get("security"))
        doc.pop("servers", None)
        if not secure:
            doc.pop("security", None)
        self.soften(doc)
        if hook:
            mirror(doc)  # the service sends, so that what is readOnly travels
        if meant:
            doc = as_read(doc, self.v30, hints=meant > 1)
            unrequire(doc, doc)
        path = SchemaPath.from_dict(doc, base_uri="file://" + self.path,
                                    handlers={"file": FileHandler(), "http": refuse_url, "https": refuse_url, "<all_urls>": refuse_url})
        self.made[key] = (doc, path, {})
        return self.made[key]

    def soften(self, node):
        if isinstance(node, dict):
            if node.get("in") == "query" and "name" in node and ("schema" in node or "content" in node):
                node["allowEmptyValue"] = True
            if node.get("type") == "http" and isinstance(node.get("scheme"), str):
                node["scheme"] = node["scheme"].lower()
            for value in node.values():
                self.soften(value)
        elif isinstance(node, list):
            for value in node:
                self.soften(value)

    def operation(self, doc, path, method):
        item = self.deref((doc.get("paths") or {})[path])
        op, found = item[method.lower()], {}
        for p in list(item.get("parameters") or []) + list(op.get("parameters") or []):
            p = self.deref(p)
            found[p["in"], p["name"].lower() if p["in"] == "header" else p["name"]] = p
        return op, found


# ---- openapi-core, mended where it is known to be weak -------------------------------------------------------------
def readings(text):
    yield text
    if isinstance(text, str) and re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?|true|false|null", text):
        yield json.loads(text)


class Mended:
    def _find_path(self, request):
        found = super()._find_path(request)
        for name, value in list(found.path_result.variables.items()):
            found.path_result.variables[name] = up.unquote(value)
        return found

    def _deserialise_style(self, param, location, name=None):
        style = (param / "style").read_str("form" if (param / "in").read_str("header") in ("query", "cookie") else "simple")
        explode = (param / "explode").read_bool(default=style == "form")
        schema = param / "schema"
        if style == "form" and explode and (schema / "type").read_str_or_list(None) == "object":  # it looks for the name itself
            props = list(schema["properties"].str_keys()) if "properties" in schema else []
            value = {k: location[k] for k in props if k in location}
            if not value:
                raise KeyError(name or (param / "name").read_str())
            return self.schema_casters_factory.create(self.spec, schema).cast(value)
        return super()._deserialise_style(param, location, name)

    def _get_param_or_header_and_schema(self, param, location, name=None):
        try:
            return super()._get_param_or_header_and_schema(param, location, name)
        except (OpenAPIError, TypeError, ValidationError) as error:
            key = name or (param / "name").read_str()
            if "content" in param or key not in location:
                raise
            for value in readings(location[key]):
                try:
                    self._validate_schema(param / "schema", value)
                    return value, param / "schema"
                except OpenAPIError:
                    pass
            if hasattr(location, "getlist") and "explode" not in param and "style" not in param:  # it gathers a list for `type: array` only
                try:
                    self._validate_schema(param / "schema", location.getlist(key))
                    return location.getlist(key), param / "schema"
                except OpenAPIError:
                    pass
            if not isinstance(error, TypeError):
                raise
            if {"array", "object"} & set((param / "schema" / "type").read_str_or_list(())):
                raise Cannot(f"openapi-core cannot cast `{key}`: {error}")
            self._validate_schema(param / "schema", list(readings(location[key]))[-1])  # a list of scalar types: refused


def cast_part(self, name, schema, location, encoding=None, plain=MediaTypeDeserializer.decode_property_content_type):
    def fit(value, schema):  # it leaves the parts of a multipart body text
        for value in readings(value):
            try:
                self.schema_validator.evolve(schema).validate(value)
                break
            except OpenAPIError:
                pass
        return value

    value = plain(self, name, schema, location, encoding)
    return [fit(v, schema / "items") for v in value] if isinstance(value, list) and "items" in schema else fit(value, schema)


MediaTypeDeserializer.decode_property_content_type = cast_part


def decode_all(self, location, schema_only=False, plain=MediaTypeDeserializer.decode):
    """A form with the fields that `properties` does not name as well, which openapi-core drops."""
    found = dict(plain(self, location, schema_only))
    if not schema_only and "additionalProperties" in self.schema:
        for name in location:
            own = name.split("[")[0]  # a deep object is one field
            if own not in found:
                values = location.getlist(name) if hasattr(location, "getlist") else location.getall(name)
                found[own] = values if len(values) > 1 else values[0]
    return found


MediaTypeDeserializer.decode = decode_all


def mended(cls):
    return type("Mended" + cls.__name__, (Mended, cls), {})


VALIDATORS = {(True, False): mended(V30RequestValidator), (True, True): mended(V30ResponseValidator),
              (False, False): mended(V31RequestValidator), (False, True): mended(V31ResponseValidator)}


class Message:  # what openapi-core reads of a request and of an answer
    def __init__(self, method, url, headers, body):
        parts = up.urlsplit(url)
        self.host_url, self.method, self.path, self.path_pattern = "http://h", method.lower(), parts.path, None
        self.body = self.data = body
        self.headers, self.content_type = Headers(headers), dict((k.lower(), v) for k, v in headers).get("content-type") or ""
        cookie = [c.partition("=")[::2] for k, v in headers if k.lower() == "cookie" for c in v.split("; ")]
        self.parameters = RequestParameters(query=ImmutableMultiDict(up.parse_qsl(parts.query, keep_blank_values=True)), header=self.headers,
                                            cookie=ImmutableMultiDict([(k, up.unquote(v)) for k, v in cookie]), path={})


def story(error):
    out, seen = type(error).__name__, error
    for attr in ("name", "location"):
        out += f" {getattr(error, attr)}" if isinstance(getattr(error, attr, None), str) else ""
    while seen is not None:
        if getattr(seen, "schema_errors", None):
            first = list(seen.schema_errors)[0]
            while first.context:
                first = first.context[0]
            return f"{out}: {'/'.join(map(str, first.absolute_path))} {first.message}"[:170]
        last, seen = seen, seen.__cause__
    return f"{out}: {type(last).__name__} {last}"[:170]


def reading(doc, error):
    """A reading of a document on which tools differ, if that is what the error comes from."""
    found = []
    while error is not None and not found:
        found, error = list(getattr(error, "schema_errors", None) or []), error.__cause__
    for e in found:
        found.extend(e.context or [])
        if e.validator == "enum" and isinstance(e.instance, list) and not any(isinstance(v, list) for v in e.validator_value):
            return "an `enum` of scalars beside `type: array`: openapi-core takes it for the array's own, the checker for its items'"
        if e.validator == "enum" and e.instance is None and doc.v30 and isinstance(e.schema, dict) and e.schema.get("nullable"):
            return "`nullable` beside an `enum` without null: 3.0.3 refuses null, many tools do not"
        if e.instance is None and doc.v30 and re.search(r'"nullable": true', json.dumps(doc.raw)) and "nullable" in e.message and doc.loose_null():
            return "`nullable` without `type` beside allOf, anyOf, oneOf or $ref: 3.0.3 gives it no meaning, many tools do"
    return None


def errors_of(doc, made, message, answer, formats):
    best = None
    for text in (plain_loads, lambda b, **k: list(readings(plain_loads(b, **k)))[-1]):  # a text body: as text, as a scalar
        kind = next((v for k, v in (answer[1] if answer else []) if k == "Content-Type"), message.content_type).split(";")[0].strip().lower()
        loads = json_loads if kind == "application/json" or kind.endswith("+json") else text if kind.startswith("text/") else None
        extra = {"text/plain": text, **({kind: loads, "*/*": loads, kind.split("/")[0] + "/*": loads} if loads else {})}  # it looks up the range
        key = (answer is not None, formats, text is plain_loads, kind)
        if key not in made[2]:
            made[2][key] = VALIDATORS[doc.v30, answer is not None](made[1], base_url=None, extra_media_type_deserializers=extra,
                                                                  **({} if formats else {"format_validators": {}}))
        validator = made[2][key]
        if answer is None:
            found = list(validator.iter_errors(message))
        else:
            answer_message = Message("get", "/", answer[1], answer[2])
            answer_message.status_code = answer[0]
            found = list(validator.iter_errors(message, answer_message))
        best = found if best is None or not found else best
        if not found or not kind.startswith("text/"):
            break
    return best


# ---- writing a message -------------------------------------------------------------------------------------------
def text(value, where=""):
    if isinstance(value, (dict, list)):
        raise Cannot(f"a nested value in {where}")
    return value if isinstance(value, str) else json.dumps(value)


def serialise(doc, param, value, place, weak):
    """One parameter: pairs for query and cookies, text for path and headers; None where nothing is written."""
    name, param = (param or {}).get("name", "?"), param or {}
    if param.get("content"):
        kind = next(iter(param["content"]))
        written = json.dumps(value) if "json" in kind else text(value, f"{place} `{name}` as {kind}")
        return [(name, written)] if place in ("query", "cookies") else written
    style = param.get("style") or ("form" if place in ("query", "cookies") else "simple")
    explode = param.get("explode", style == "form")
    if style in ("matrix", "label"):
        weak.append(f"the {style} style")
    if value is None:
        weak.append("null cannot be written in a styled parameter") if place != "query" else None
        return [] if place in ("query", "cookies") else None
    parts = [text(v, name) for v in value if v is not None] if isinstance(value, list) else None
    pairs = [(k, v) for k, v in value.items() if v is not None] if isinstance(value, dict) else None
    comma = {"pipeDelimited": "|", "spaceDelimited": " "}.get(style, ",")
    if any(comma in p for p in parts or [text(v, name) for _, v in pairs or [] if style != "deepObject"]) and not explode:
        weak.append("a delimiter inside a value")
    if place in ("query", "cookies"):
        if parts is not None:
            return [(name, p) for p in parts] if explode else [(name, comma.join(parts))] if parts else []
        if pairs is not None:
            if style == "deepObject":
                return [(f"{name}[{k}]", text(v, name)) for k, v in pairs]
            return [(k, text(v, name)) for k, v in pairs] if explode else [(name, comma.join(sum(([k, text(v)] for k, v in pairs), [])))] if pairs else []
        return [(name, text(value))]
    if parts is not None:
        return ",".join(parts) if parts or place == "path_parameters" else None
    if pairs is not None:
        return ",".join(f"{k}={text(v, name)}" if explode else f"{k},{text(v, name)}" for k, v in pairs) if pairs or place == "path_parameters" else None
    return text(value)


def own_credentials(doc, op):
    """What a caller of the document sends for its first security requirement: (place, name, value)."""
    components = (doc.raw.get("components") or {}).get("securitySchemes") or {}
    for name in next(iter(op.get("x-oracle-security") or []), {}):
        scheme = doc.deref(components.get(name) or {})
        if scheme.get("type") == "apiKey" and scheme.get("in") != "cookie":
            yield scheme["in"], scheme["name"], "k"
        elif scheme.get("type") in ("http", "oauth2", "openIdConnect"):
            yield "header", "Authorization", ("Basic" if scheme.get("scheme") == "basic" else "Bearer") + " eDp4"


def body_of(doc, content, kind, value, weak):
    """The bytes of a body, and its Content-Type as written."""
    base = kind.split(";")[0].strip().lower()
    declared = doc.deref(content.get(kind) or content.get(base) or {})
    if base == "application/json" or base.endswith("+json") or (base.split("/")[0] == "*"):
        return json.dumps(value).encode(), kind
    encoding, schema = declared.get("encoding") or {}, declared.get("schema")
    if base == "application/x-www-form-urlencoded" or base.startswith("multipart/"):
        if not isinstance(value, dict):
            raise Cannot(f"a {base} body that is no object")
        schema = doc.deref(schema) if isinstance(schema, dict) else {}
        if not isinstance(schema, dict) or "properties" not in schema:
            weak.append("openapi-core decodes a form only by `properties`")
    if base == "application/x-www-form-urlencoded":
        pairs = []
        for name, v in value.items():
            e = encoding.get(name) or {}
            if isinstance(v, dict) and "style" not in e and "explode" not in e:
                pairs.append((name, json.dumps(v)))
                weak.append("an object in a form without a style")
            else:
                pairs += serialise(doc, {"name": name, **{k: x for k, x in e.items() if k in ("style", "explode")}}, v, "query", weak)
        return up.urlencode(pairs, quote_via=up.quote).encode(), kind
    if base.startswith("multipart/"):
        out = b""
        for name, v in value.items():
            for part in v if isinstance(v, list) and not isinstance((v or [0])[0], list) else [v]:
                ct = (encoding.get(name) or {}).get("contentType") or ("application/json" if isinstance(part, (dict, list)) else "text/plain")
                data = json.dumps(part) if "json" in ct else text(part, name)
                out += f'--b0undary\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: {ct.split(",")[0]}\r\n\r\n{data}\r\n'.encode()
        return out + b"--b0undary--\r\n", kind + "; boundary=b0undary"
    if "xml" in base:
        raise Cannot("an XML body: openapi-core has no reading of it as a value")
    if isinstance(value, (dict, list)):
        raise Cannot(f"a structured value as {base}")
    if value is None:
        raise Cannot(f"null cannot be written as {base}")
    if value == "":
        weak.append(f"an empty {base} body")
    if not base.startswith("text/"):
        weak.append(f"a body of {base}")
    return text(value).encode(), kind


def concrete(kind):
    return "application/json" if kind.startswith("*/") else kind.replace("/*", "/plain" if kind.startswith("text") else "/png") if kind.endswith("/*") else kind


def write(doc, made, op_path, method, message, pointer, kind, weak):
    """The request target, headers and body (or status, headers and body) as `doc` has them; and its media types."""
    at_template = None
    if op_path not in (made[0].get("paths") or {}):  # the finding names the other document's path: parameters may be called otherwise
        same = [p for p in (made[0].get("paths") or {}) if isinstance(p, str) and shape(p) == shape(op_path)]
        if same:
            renamed = dict(zip(re.findall(r"\{([^}]*)\}", op_path), re.findall(r"\{([^}]*)\}", same[0])))
            op_path, message = same[0], {**message, "path_parameters": {renamed.get(k, k): v for k, v in (message.get("path_parameters") or {}).items()}}
        elif "{" not in op_path:  # a template of the allowing document takes it
            fits = lambda p: re.fullmatch("[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}", p))), op_path)
            templates = [p for p in made[0].get("paths") or {} if isinstance(p, str) and "{" in p and fits(p) and method.lower() in doc.deref(made[0]["paths"][p])]
            if len(templates) == 1:
                at_template, op_path = op_path, templates[0]
    try:
        op, declared = doc.operation(made[0], op_path, method)
    except (KeyError, TypeError, AttributeError, IndexError):
        raise Contradicted("the allowing document has no such operation") from None
    base = op.get("servers", [{"url": "/"}])[0]["url"].rstrip("/")
    target, query, headers = at_template or op_path, [], []
    for name, value in (message.get("path_parameters") or {}).items():
        if at_template:
            continue
        if "{%s}" % name not in op_path:
            raise Cannot(f"the path has no `{{{name}}}`")
        written = serialise(doc, declared.get(("path", name)) or {"name": name}, value, "path_parameters", weak)
        target = target.replace("{%s}" % name, up.quote(written or "", safe="-._~,;=@:$&!*()+'"))
    target = re.sub(r"\{[^}]*\}", "x", target)
    for name, value in (message.get("query") or {}).items():
        query += serialise(doc, declared.get(("query", name)) or {"name": name}, value, "query", weak)
    answer = doc.deref((op.get("responses") or {}).get(str(message.get("status"))) or (op.get("responses") or {}).get(f"{message.get('status')}"[:1] + "XX")
                       or (op.get("responses") or {}).get("default") or {}) if "status" in message else None
    for name, value in (message.get("headers") or {}).items():
        if name.lower() == "content-type":
            kind = kind or value
            continue
        known = {k.lower(): v for k, v in ((answer or {}).get("headers") or {}).items()} if answer is not None else {}
        param = doc.deref(known.get(name.lower())) if answer is not None else declared.get(("header", name.lower()))
        written = serialise(doc, {**(param or {}), "name": name}, value, "headers", weak)
        if written is not None:
            headers.append((name, written))
    jar = sum((serialise(doc, declared.get(("cookie", n)) or {"name": n}, v, "cookies", weak) for n, v in (message.get("cookies") or {}).items()), [])
    if jar:
        headers.append(("Cookie", "; ".join(f"{k}={up.quote(v)}" for k, v in jar)))
    body, content = b"", (answer if answer is not None else doc.deref(op.get("requestBody") or {})).get("content") or {}
    if "body" in message:
        kind = kind or concrete(next(iter(content), "application/json"))
        body, kind = body_of(doc, content, kind, message["body"], weak)
        headers.append(("Content-Type", kind))
    elif kind:
        headers.append(("Content-Type", kind))
    for place, name, value in [] if answer is not None else own_credentials(doc, op):
        if name.lower() not in {k.lower() for k, _ in (query if place == "query" else headers)}:
            (query if place == "query" else headers).append((name, value))
    if "#" in op_path:
        raise Cannot("a path with a fragment: no request carries it, and openapi-core finds no such path")
    url = base + target + ("?" + up.urlencode(query, quote_via=up.quote) if query else "")
    return url, headers, body, content


# ---- a finding ---------------------------------------------------------------------------------------------------
def hook_of(doc_pair, finding, path):
    """How to find a webhook's or callback's path item in a document, or None for a plain path."""
    if path.startswith("/") or any(path in (d.raw.get("paths") or {}) for d in doc_pair):
        return None

    def item(doc):
        hooks = doc.raw.get("webhooks") or {}
        if path in hooks:
            return copy.deepcopy(doc.deref(hooks[path]))
        name, _, expression = path.partition(" ")
        for path_item in (doc.raw.get("paths") or {}).values():
            for operation in (doc.deref(path_item) or {}).values():
                callback = doc.deref((operation.get("callbacks") or {}).get(name)) if isinstance(operation, dict) else None
                if isinstance(callback, dict) and expression in callback:
                    return copy.deepcopy(doc.deref(callback[expression]))
        return None

    return finding["id"] + path, item


def place(finding, at, error, paths=()):
    """Whether openapi-core's error is where the finding is."""
    name, part = type(error).__name__, at.split("/")[1:3]
    if not part or finding["rule"].startswith(("operation-", "response-s", "security")):
        return True
    if part[0] == "body":
        return "Body" in name or "Data" in name or isinstance(error, MediaTypeNotFound) or "ResponseNotFound" in name
    own, name = getattr(error, "name", None), part[1].replace("~1", "/").replace("~0", "~") if len(part) > 1 else None
    if part[0] == "path_parameters" and isinstance(own, str):  # the other document may call it otherwise
        indexes = lambda name: {names.index(name) for p in paths for names in [re.findall(r"\{([^}]*)\}", p)] if name in names}
        return own == name or bool(indexes(own) & indexes(name))
    return isinstance(own, str) and name is not None and own.lower() == name.lower()


def attempt(finding, docs, operation, message, kind, formats, weak, meant=0):
    w = finding["witness"]
    allow, refuse = (docs if w["accepted_by"] == "pin" else docs[::-1])
    method, path, secure = operation["method"], operation["path"], finding["rule"].startswith("security")
    hook = hook_of(docs, finding, path)
    mine, theirs = allow.make(secure, hook, meant), refuse.make(secure, hook, meant)
    pointer = finding["pinned_at"] if allow is docs[0] else finding["staging_at"]
    carried = w.get("message")
    answers_at = carried and carried["status"] is not None and carried["name"]
    op_path = "/hook" if hook else answers_at or path
    try:
        url, headers, body, content = write(allow, mine, op_path, method, message, pointer, kind, weak)
    except Cannot:
        if not carried or "#" in path:
            raise
    if carried:  # the message as the report has it counts, not one that is written of its values
        headers = [tuple(line) for line in carried["headers"]]
        kinds = " ".join(value for name, value in headers if name.lower() == "content-type")
        if re.search("xml|json-seq|jsonl|ndjson", kinds):
            raise Cannot("a body of XML or a stream: openapi-core has no reading of it as a value")
        body = bytes.fromhex(carried["body_hex"]) if carried["body_hex"] else (carried["body"] or "").encode()
        if carried["status"] is None:
            url, content = ("/hook" if hook else "") + (carried["target"] or ""), {}
        else:
            url, content, message = write(allow, mine, op_path, method, {}, pointer, kind, [])[0], {}, {"status": carried["status"]}
    writer = docs[0] if (hook is None) != ("status" in message) else docs[1]  # callers keep to the pin, the service to staging
    if allow is not writer and finding["rule"] != "response-success-replaced":  # where no success is left, the lost one is all there is to show
        raise Contradicted("accepted_by names the side that does not write this message")
    if secure:
        headers += credentials(message.get("credentials") or {})
    answer = (message["status"], headers, body) if "status" in message else None
    if isinstance(answer and answer[0], str):
        raise Cannot(f"the status {answer[0]}")
    request = lambda u: Message(method, u, [] if answer else headers, b"" if answer else body)
    if finding["rule"] == "operation-shadowed":  # both take it: by a template, and by a path of its own
        ways = [next(iter(d.made[secure, hook and hook[0], meant][2].values()))._find_path(request(url)).path_result.pattern for d in (allow, refuse)
                if errors_of(d, d.make(secure, hook, meant), request(url), answer, formats) is not None]
        verdict = "confirmed" if "{" in ways[0] and ways[1] == path else "contradicted"
        return verdict, f"answered by {ways[0]}, and by {ways[1]}", f"{method} {url}"
    no = errors_of(allow, mine, request(url), answer, formats)
    if no and not any(isinstance(e, PathError) for e in no):
        matched = next(iter(mine[2].values()))._find_path(request(url)).path_result.pattern
        same = [p for p in mine[0].get("paths") or {} if isinstance(p, str) and shape(p) == shape(matched)]
        if len(same) > 1 and matched != ("/hook" if hook else path):
            raise Cannot("the allowing document has several templates of one shape")
    if finding["rule"] == "operation-removed":  # its message is only an operation: the path is what counts
        no = [e for e in no if isinstance(e, PathError)]
    if no and any(isinstance(e.__cause__, MediaTypeNotFound) or isinstance(e, MediaTypeNotFound) for e in no) and kind is None and content:
        m = re.search(r"/content/([^/]*)", pointer or "")
        raise Retype(m[1].replace("~1", "/").replace("~0", "~") if m else concrete(next(iter(content))))
    yes = errors_of(refuse, theirs, request(url), answer, formats)
    if yes and all(isinstance(e, PathError) for e in yes) and not finding["rule"].startswith("operation-"):
        try:  # the base path has moved: that is another finding
            other = refuse.operation(theirs[0], "/hook" if hook else path, method)[0]["servers"][0]["url"].rstrip("/")
            mine_base = allow.operation(mine[0], "/hook" if hook else path, method)[0]["servers"][0]["url"].rstrip("/")
            yes = errors_of(refuse, theirs, request(other + url[len(mine_base):]), answer, formats)
        except (KeyError, TypeError):
            pass
    wire = f"{method} {url}" + (f" -> {answer[0]}" if answer else "") + f" {dict(headers)} {body[:120]!r}"
    if no and reading(allow, no[0]):
        raise Reading(reading(allow, no[0]))
    if not no and finding["rule"] != "operation-removed":
        matched = next(iter(mine[2].values()))._find_path(request(url)).path_result.pattern
        if shape(matched) != shape("/hook" if hook else path) and "{" in path:
            raise Cannot(f"the message's target is another path's in the allowing document: {matched}")
    if no:
        return "contradicted", "the allowing side refuses it: " + story(no[0]), wire
    if not yes:
        reached = next(iter(theirs[2].values()))._find_path(request(url)).path_result.pattern if theirs[2] else path
        if reached != path and sum(shape(p) == shape(reached) for p in theirs[0].get("paths") or {} if isinstance(p, str)) > 1:
            raise Cannot("the refusing document has several templates of one shape")
        group, _, name = (operation.get("at") or "").lstrip("/").partition("/")
        if group == "query" and isinstance((message.get(group) or {}).get(name), list):
            declared = refuse.operation(theirs[0], "/hook" if hook else path, method)[1].get(("query", name)) or {}
            if "array" not in json.dumps([refuse.deref(s) for s in [declared.get("schema") or {}, *((declared.get("schema") or {}).get("anyOf") or [])]]):
                return "confirmed", "it reads one text where a list is sent", wire
        if "required" in finding["rule"] and "default" in json.dumps(refuse.operation(theirs[0], "/hook" if hook else path, method)[1].get(("query", name), {})):
            raise Cannot("a required parameter with a default: openapi-core puts it in where it is missing")
        if finding["rule"].endswith("serialization-changed"):
            raise Cannot("it claims that another value is read: openapi-core says only what is refused")
        if re.search('"discriminator"', json.dumps(refuse.raw)) and refuse.inherits():
            raise Cannot("a tag that chooses an heir through `allOf`: openapi-core looks at alternatives only")
        return "contradicted", "the refusing side accepts it", wire
    at = operation.get("at") or ""
    here = next((e for e in yes if place(finding, at, e, [path, *(theirs[0].get("paths") or {})])), None)
    if here is None or reading(refuse, here):
        return "cannot judge", f"refused, but not at {at}: {story(yes[0])}" if here is None else reading(refuse, here), wire
    return "confirmed", story(here), wire


def credentials(given):
    out = []
    for label in given:
        if label.startswith("HTTP "):
            out.append(("Authorization", label[5:] + " eHg="))
        elif re.match(r"the (header|query|cookie)", label):
            raise Cannot(f"the credential {label}")
    if any(label.startswith(("OAuth", "OpenID", "mutual")) for label in given):
        raise Cannot("OAuth 2, OpenID Connect or mutual TLS: openapi-core takes any request")
    return out


def direct(finding, docs, operation, formats):
    """Only the two schemas, where a report has no message: by jsonschema, in the dialect of each document."""
    taken = {}
    for doc, side, pointer in zip(docs, ("pin", "staging"), (finding["pinned_at"], finding["staging_at"])):
        parts = (pointer or "").split("/")[1:]
        if "property" in finding["rule"] and parts[-2:] == ["properties", operation["at"].split("/")[-1]]:
            parts = parts[:-2]  # the value is that of the object which has the property
        if not {"schema", "schemas"} & set(parts):
            raise Cannot("neither a message nor two schemas")
        made = doc.make(False, None)
        node = made[1]
        for part in parts:
            key = part.replace("~1", "/").replace("~0", "~")
            node = node / (int(key) if isinstance(node.read_value(), list) else key)
        try:
            VALIDATORS[doc.v30, operation["status"] is not None](made[1], **formats)._validate_schema(node, finding["witness"]["value"])
            taken[side] = ""
        except OpenAPIError as error:
            taken[side] = story(error)
    mine, theirs = taken[finding["witness"]["accepted_by"]], taken[finding["witness"]["rejected_by"]]
    verdict = "confirmed" if theirs and not mine else "contradicted"
    return verdict, "(schemas only) " + (theirs if not mine and theirs else mine or "both schemas accept it"), ""


def judge(finding, docs):
    if finding["undecided"]:
        raise Cannot("it is told as undecided: " + finding["undecided"].split(": ")[0])
    v = finding["witness"]["value"]
    whole = isinstance(v, dict) and isinstance(v.get("method"), str) and isinstance(v.get("path"), str)
    operation = next((o for o in finding["operations"] if "message" in o), None)
    carried = finding["witness"].get("message")
    if carried:  # of the operations that a finding touches, the message is one's
        fits = lambda p: p == carried["name"] if carried["name"] else re.fullmatch(".*" + "[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}", p))), (carried["target"] or "").split("?")[0])
        ours = [o for o in finding["operations"] if o["method"] == carried["method"] and fits(o["path"])]
        finding["operations"] = ours[:1] + [o for o in finding["operations"] if o not in ours[:1]]
        operation = next((o for o in ours if "message" in o), operation)
    if whole:
        ours = [o for o in finding["operations"] if o["method"] == v["method"]]
        operation = next((o for o in ours if o["path"] == v["path"]), {**v, "at": ""})
        if finding["rule"] != "operation-shadowed" and ours and operation.get("path") not in {o["path"] for o in ours}:
            operation = ours[0]  # a path that the allowing document answers by a template
        message = {k: x for k, x in v.items() if k not in ("method", "path")}
        if finding["rule"].startswith("security") and any(s.get("type") in ("oauth2", "openIdConnect", "mutualTLS") for d in docs
                                                          for s in ((d.raw.get("components") or {}).get("securitySchemes") or {}).values()):
            raise Cannot("OAuth 2, OpenID Connect or mutual TLS: openapi-core takes any request")
    elif operation:
        message = operation["message"]
    else:  # a bare value: where the finding is a whole body it is a message
        operation = finding["operations"][0]
        if operation["at"] != "/body":
            strict = direct(finding, docs, operation, {})
            return strict if strict[0] == "confirmed" else direct(finding, docs, operation, {"format_validators": {}})
        m = re.search(r"/content/([^/]*)", finding["pinned_at"] or "")
        message = {"body": v, "headers": {"content-type": m[1].replace("~1", "/")} if m else {}}
        if operation["status"]:
            message["status"] = int(operation["status"])
    kind, note, last, weak = None, "", None, []
    for formats, meant in ((True, 0), (False, 0), (False, 1), (False, 2)):
        weak.clear()
        try:
            got = attempt(finding, docs, operation, message, kind, formats, weak, meant)
        except Retype as other:
            note, kind = f"`message` has a media type that the allowing document does not list; judged as {other}: ", str(other)
            got = attempt(finding, docs, operation, message, kind, formats, weak, meant)
        except Reading as other:
            got = "cannot judge", str(other), ""
        last = got if last is None or got[0] == "confirmed" else last
        if got[0] == "confirmed":
            note += "" if formats else "(formats as annotations) " if not meant else "(as read) " if meant == 1 else "(as read, discriminators as hints) "
            break
    verdict, why, wire = last
    if verdict == "contradicted" and "accepts" not in why and got[1] != why:
        verdict, why = got[0], "(formats as annotations) " + got[1]
    if verdict == "contradicted" and weak:
        verdict, why = "cannot judge", f"{weak[0]} ({why})"
    if verdict == "contradicted" and not docs[0].v30 & docs[1].v30 and "required property" in why and "readOnly" in json.dumps(docs[0].raw):
        verdict, why = "cannot judge", f"required read-only properties in 3.1 ({why})"
    if note.startswith("`") and verdict == "confirmed":
        verdict = "contradicted (message)"
    return verdict, note + why, wire


def bounded(work, failed):
    signal.signal(signal.SIGPROF, alarm)
    signal.setitimer(signal.ITIMER_PROF, LIMIT, 1)
    try:
        return work()
    except Cannot as error:
        return failed(str(error))
    except Contradicted as error:
        return failed(str(error), "contradicted")
    except Exception as error:  # openapi-core, or a document that it cannot read
        return failed(f"fails with {type(error).__name__}: {str(error)[:120]}")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def expanded(report):
    """The report with every place of a finding beside its operation, as the comparison itself tells them."""
    if "operations" not in report: return report
    for finding in report["findings"]:
        finding["operations"] = met = []
        for place in finding.pop("met_at"):
            messages = {it["operation"]: it["message"] for it in place["messages"]}
            for index in place["operations"]:
                one = {**report["operations"][index], "status": place["status"], "at": place["at"]}
                met.append({**one, "message": messages[index]} if index in messages else one)
    return report


def run(old, new, report, everything=False):
    out = []
    report = expanded(report)
    docs, reason = bounded(lambda: ([Doc(old), Doc(new)], None), lambda why: (None, why))
    for finding in report["findings"]:
        if finding["level"] != "breaking" and not (everything and finding["witness"]):
            continue
        if reason is None and finding["witness"]:
            verdict, why, wire = bounded(lambda: judge(finding, docs), lambda why, verdict="cannot judge": (verdict, why, ""))
        else:
            verdict, why, wire = "cannot judge", reason or "no witness", ""
        out.append({"id": finding["id"], "level": finding["level"], "rule": finding["rule"], "verdict": verdict, "why": why, "title": finding["title"], "wire": wire})
    return out


def reported(xtask, root, old, new):
    command = [os.path.abspath(xtask or "target/release/xtask"), "check-spec", "--pinned", os.path.abspath(old), "--staging", os.path.abspath(new)]
    return json.loads(subprocess.run(command + "--scope all --no-replay --format json".split(), cwd=root, capture_output=True, timeout=120).stdout)


def cases(path, xtask, root, everything):
    """The rows of small pairs, each with the id of its pair."""
    rows = []
    for case in map(json.loads, open(path, encoding="utf-8")):
        with tempfile.TemporaryDirectory() as folder:
            documents = []
            for side in ("old", "new"):
                files = case[side] if isinstance(case[side], dict) else {"openapi.yaml": case[side]}
                for name, text in files.items():
                    file = os.path.join(folder, side, name)
                    os.makedirs(os.path.dirname(file), exist_ok=True)
                    open(file, "w", encoding="utf-8").write(text if isinstance(text, str) else json.dumps(text))
                documents.append(os.path.join(folder, side, "openapi.yaml"))
            try:
                found = run(*documents, reported(xtask, root, *documents), everything)
            except ValueError:
                found = []  # no report
        rows += [{**row, "id": f"{case['id']} {row['id']}"} for row in found]
    return rows


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("old", nargs="?"), p.add_argument("new", nargs="?"), p.add_argument("report", nargs="?"), p.add_argument("--cases")
    p.add_argument("--xtask"), p.add_argument("--root", default="."), p.add_argument("--all", action="store_true")
    p.add_argument("--json", action="store_true"), p.add_argument("--quiet", action="store_true")
    a = p.parse_args()
    if not a.cases and not a.new:
        p.error("two documents or --cases are needed")
    try:
        if a.cases:
            rows = cases(a.cases, a.xtask, a.root, a.all)
        else:
            report = json.load(open(a.report, encoding="utf-8")) if a.report else reported(a.xtask, a.root, a.old, a.new)
            rows = run(a.old, a.new, report, a.all)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        print(f"no report: {error}", file=sys.stderr)
        return 2
    if a.json:
        print(json.dumps(rows, indent=1))
    for r in [] if a.json else rows:
        if not a.quiet or r["verdict"].startswith("contra"):
            print(f"{r['verdict']:22} {r['level']:8} {r['rule']:34} {r['id']}  {r['title'][:90]}\n{'':23}{r['why']}" + (f"\n{'':23}{r['wire'][:300]}" if r["verdict"].startswith("contra") else ""))
    count = {}
    for r in rows:
        count[r["verdict"]] = count.get(r["verdict"], 0) + 1
    print(f"{len(rows)} findings: " + (", ".join(f"{n} {k}" for k, n in sorted(count.items())) or "nothing to judge"), file=sys.stderr if a.json else sys.stdout)
    return 1 if any(k.startswith("contra") for k in count) else 0


if __name__ == "__main__":
    sys.exit(main())
