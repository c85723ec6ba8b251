"""The page of the REST API: every operation of swagger.yml, then the shapes they share."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

from docs.writing.tables import code, table
from workflow_manager.api.spec import load_spec

Node: TypeAlias = Mapping[str, Any]

HEAD = """\
# The REST API

Generated from [swagger.yml](../../swagger.yml) by `make docs`. A server shows the same to try it out at
`/docs`.

"""


def page() -> str:
    """The whole page."""
    spec = load_spec()
    writer = _Writer(spec)
    parts = [HEAD, spec["info"]["description"].strip(), "\n\n", writer.keys()]
    for tag in spec["tags"]:
        parts.append(f"## {tag['name']}\n\n{tag['description']}.\n\n")
        parts += [
            writer.operation(method, path, item, operation)
            for path, item in spec["paths"].items()
            for method, operation in item.items()
            if method != "parameters" and tag["name"] in operation["tags"]
        ]
    parts.append(writer.errors())
    parts.append("## Shapes\n\nA member without “required” may be absent.\n\n")
    parts += [writer.shape(name, schema) for name, schema in sorted(spec["components"]["schemas"].items())]
    return "".join(parts).rstrip("\n") + "\n"


class _Writer:
    def __init__(self, spec: Node) -> None:
        self._spec = spec

    def keys(self) -> str:
        schemes = self._spec["components"]["securitySchemes"].values()
        how = [
            "`Authorization: Bearer …`" if scheme["type"] == "http" else f"`{scheme['name']}: …`"
            for scheme in schemes
        ]
        return f"A server that has keys wants one of them, as {' or '.join(how)}.\n\n"

    def operation(self, method: str, path: str, item: Node, operation: Node) -> str:
        """One operation, under its method and path."""
        parts = [f"### {method.upper()} {path}\n\n**{operation['summary']}** · `{operation['operationId']}`"]
        if operation.get("security") == []:
            parts.append(" · needs no key")
        parts.append("\n\n")
        if "description" in operation:
            parts.append(f"{operation['description'].strip()}\n\n")
        parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
        if parameters:
            rows = [self._parameter(self._found(each)) for each in parameters]
            parts.append(table(("parameter", "in", "type", "what it is"), rows))
        if "requestBody" in operation:
            parts.append(self._body("Body", self._found(operation["requestBody"])))
        parts.append(self._responses(operation["responses"]))
        return "".join(parts)

    def _parameter(self, parameter: Node) -> tuple[str, str, str, str]:
        told = [parameter.get("description", "").strip().rstrip(".")]
        if "default" in parameter["schema"]:
            told.append(f"Unless given: {code(json.dumps(parameter['schema']['default']))}")
        if "example" in parameter:
            told.append(f"Example: {code(_plain(parameter['example']))}")
        name = code(parameter["name"]) + (", required" if parameter.get("required") else "")
        return name, parameter["in"], self._type(parameter["schema"]), ". ".join(filter(None, told))

    def _body(self, title: str, body: Node) -> str:
        [(kind, content)] = body["content"].items()
        text = f"{title}: {self._type(content['schema'])}, as `{kind}`.\n\n"
        return text + self._example(content, kind)

    def _responses(self, responses: Node) -> str:
        rows, examples, shared = [], [], []
        for status, given in responses.items():
            if "$ref" in given:
                shared += [] if status == "default" else [status]
                continue
            contents = [self._type(content["schema"]) for content in given.get("content", {}).values()]
            headers = [f"header {code(name)}" for name in given.get("headers", ())]
            rows.append((_status(status), "; ".join(contents + headers), given["description"]))
            for kind, content in given.get("content", {}).items():
                if "example" in content:
                    examples.append("Answer, for example:\n\n" + self._example(content, kind))
        others = f"Errors: {', '.join([*shared, '…'])} ([what they mean](#errors)).\n\n"
        return table(("status", "answer", "when"), rows) + "".join(examples) + others

    def errors(self) -> str:
        """What the operations have in common when something goes wrong."""
        shared = self._spec["components"]["responses"]
        used = {
            response["$ref"].rsplit("/", 1)[-1]: status
            for item in self._spec["paths"].values()
            for method, operation in item.items()
            if method != "parameters"
            for status, response in operation["responses"].items()
            if "$ref" in response
        }
        rows = [
            (
                _status(status),
                shared[name]["description"],
                code(json.dumps(shared[name]["content"]["application/json"]["example"])),
            )
            for name, status in sorted(used.items(), key=lambda each: each[1])
        ]
        return "## Errors\n\n" + table(("status", "when", "for example"), rows)

    def _example(self, content: Node, kind: str) -> str:
        if "example" not in content:
            return ""
        if kind == "application/json":
            return f"```json\n{json.dumps(content['example'], indent=2, ensure_ascii=False)}\n```\n\n"
        return f"```text\n{content['example'].strip()}\n```\n\n"

    def shape(self, name: str, schema: Node) -> str:
        """A schema of the components, under its name."""
        parts = [f"### {name}\n\n"]
        described = " ".join(
            each["description"].strip() for each in self._parts(schema) if "description" in each
        )
        if described:
            parts.append(f"{described.rstrip('.')}.\n\n")
        if "enum" in schema:
            parts.append(f"One of {', '.join(map(code, schema['enum']))}.\n\n")
        rows = [
            (
                code(member) + (", required" if is_required else ""),
                self._type(value),
                self._about(value),
            )
            for member, value, is_required in self._members(schema)
        ]
        if rows:
            parts.append(table(("member", "type", "what it is"), rows))
        elif "enum" not in schema and not described:
            parts.append(f"{self._type(schema).capitalize()}.\n\n")
        return "".join(parts)

    def _about(self, value: Node) -> str:
        told = [value.get("description", "").strip()]
        if "default" in value:
            told.append(f"Unless given: {code(json.dumps(value['default']))}")
        return " ".join(filter(None, told))

    def _members(self, schema: Node) -> Iterator[tuple[str, Node, bool]]:
        for part in self._parts(schema):
            required = part.get("required", ())
            for name, value in part.get("properties", {}).items():
                yield name, value, name in required

    def _parts(self, schema: Node) -> Iterator[Node]:
        """The schema, and those that it is made of."""
        yield schema
        for each in schema.get("allOf", ()):
            yield from self._parts(self._found(each))

    def _type(self, schema: Node) -> str:
        """In a few words, with links to shapes."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            return f"[{name}](#{name.lower()})"
        for kind in ("allOf", "oneOf", "anyOf"):
            if kind in schema:
                return " or ".join(self._type(each) for each in schema[kind])
        if schema.get("type") == "array":
            return f"list of {self._type(schema['items'])}"
        if "enum" in schema:
            return ", ".join(map(code, schema["enum"]))
        if schema.get("type") == "object" and isinstance(inner := schema.get("additionalProperties"), dict):
            return f"map of {self._type(inner)}" if inner else "map"
        words = [
            schema.get("format") if schema.get("format") == "date-time" else schema.get("type", "anything")
        ]
        if "minimum" in schema or "maximum" in schema:
            words.append(f"{schema.get('minimum', '…')} to {schema.get('maximum', '…')}")
        return ", ".join(filter(None, words))

    def _found(self, node: Node) -> Node:
        """What a reference stands for."""
        while "$ref" in node:
            found: Any = self._spec
            for key in node["$ref"].removeprefix("#/").split("/"):
                found = found[key]
            node = found
        return node


def _status(status: str) -> str:
    return "else" if status == "default" else f"{status} {HTTPStatus(int(status)).phrase}"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
