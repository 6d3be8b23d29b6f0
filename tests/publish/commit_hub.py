"""A hub on the loopback address that takes commits: create, preupload, LFS batch, the upload itself, and the commit."""

import base64
import hashlib
import json
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from tests import loopback

TOKEN = "hf_of_the_tests"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
LFS_SUFFIXES = (".safetensors", ".png", ".sealed")


class CommitHub:
    """`files`: what the repository holds after the commits so far, by path; `created`: bodies of the create requests."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files = dict(files or {})
        self.created: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.commits: list[dict[str, Any]] = []
        self.refusal: tuple[int, str] | None = None  # of the commit
        self._blobs: dict[str, bytes] = {}
        hub = self

        class Handler(loopback.Handler):
            protocol_version = "HTTP/1.1"

            def respond(self) -> None:
                hub._handle(self)

        self.address, self._listening = "", loopback.listening(Handler)

    def __enter__(self) -> "CommitHub":
        self.address = self._listening.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.__exit__(None, None, None)

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = self._body(handler)
        path = urlsplit(handler.path).path
        self.asked.append(f"{handler.command} {path}")
        is_upload = path.startswith("/lfs/")
        if not is_upload and handler.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._answer(handler, 401, {"error": "who are you?"})
        elif is_upload:
            self._blobs[path.rpartition("/")[2]] = body
            self._answer(handler, 200, {})
        else:
            status, answer = self._reply(handler.command, path, body)
            self._answer(handler, status, answer)

    def _reply(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        if path == "/api/whoami-v2":
            return 200, {"type": "user", "name": "someone", "auth": {}}
        if path == "/api/repos/create":
            self.created.append(json.loads(body))
            return 200, {"url": f"{self.address}/spaces/someone/exhibit"}
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        if "/tree/" in path or "/revision/" in path or method == "GET":
            siblings = [{"rfilename": name} for name in self.files]
            return 200, {"id": "someone/exhibit", "sha": COMMIT, "siblings": siblings} if "/tree/" not in path else [
                {"type": "file", "path": name, "size": len(data), "oid": "x"} for name, data in self.files.items()
            ]
        if "/preupload/" in path:
            asked = json.loads(body)["files"]
            assert all(base64.b64decode(file["sample"]) is not None for file in asked)
            return 200, {
                "files": [
                    {"path": file["path"], "shouldIgnore": False, "uploadMode": "lfs" if file["path"].endswith(LFS_SUFFIXES) else "regular"}
                    for file in asked
                ]
            }
        if path.endswith("/info/lfs/objects/batch"):
            objects = [
                {"oid": o["oid"], "size": o["size"], "actions": {"upload": {"href": f"{self.address}/lfs/{o['oid']}", "header": {}}}}
                for o in json.loads(body)["objects"]
            ]
            return 200, {"transfer": "basic", "objects": objects}
        if "/commit/" in path:
            return self._commit(body)
        return 404, {"error": f"nothing at {path}"}

    def _commit(self, body: bytes) -> tuple[int, Any]:
        if self.refusal:
            status, message = self.refusal
            return status, {"error": message}
        for line in body.decode().splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "header":
                self.commits.append(value)
            elif entry["key"] == "file":
                self.files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                data = self._blobs[value["oid"]]
                assert hashlib.sha256(data).hexdigest() == value["oid"]
                assert len(data) == value["size"]
                self.files[value["path"]] = data
            elif entry["key"] == "deletedFile":
                del self.files[value["path"]]
            else:
                raise AssertionError(entry["key"])
        return 200, {"success": True, "commitOid": COMMIT, "commitUrl": f"{self.address}/spaces/someone/exhibit/commit/{COMMIT}"}

    @staticmethod
    def _body(handler: BaseHTTPRequestHandler) -> bytes:
        if handler.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(handler.rfile.readline(), 16):
                parts.append(handler.rfile.read(size))
                handler.rfile.readline()
            handler.rfile.readline()
            return b"".join(parts)
        return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))

    @staticmethod
    def _answer(handler: BaseHTTPRequestHandler, status: int, answer: Any) -> None:
        data = json.dumps(answer).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)
