"""A client of an API server on loopback, for tests: one kept connection, any verb, any body.

    api = Api("https://127.0.0.1:6443", "token")
    answer = api.call("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}})
    answer.status, answer.body["metadata"], answer.warnings
"""
import collections
import http.client
import json
import re
import ssl
import urllib.parse

Answer = collections.namedtuple("Answer", "status body warnings")
Resource = collections.namedtuple("Resource", "base plural namespaced")


class Api:
    def __init__(self, url, token):
        self.address = urllib.parse.urlsplit(url)
        self.token = token
        self.context = ssl._create_unverified_context()  # the server was made for this test
        self.connection = None
        self.discovered = {}

    def call(self, method, path, body=None, content_type="application/json", headers=None):
        """`body`: text, bytes, or an object to send as JSON. A header may have a list of values. What is no JSON comes back as
        {"message": text}."""
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        sent = {"Authorization": "Bearer " + self.token, "Accept": "application/json", **(headers or {})}
        if body is not None:
            sent.update({"Content-Type": content_type, "Content-Length": str(len(body))})
        for fresh in (False, True):  # a kept connection may have ended meanwhile
            if fresh or self.connection is None:
                self.connection = http.client.HTTPSConnection(
                    self.address.hostname, self.address.port, context=self.context, timeout=60)
            try:
                self.connection.putrequest(method, path)
                for name, value in sent.items():
                    for each in value if isinstance(value, list) else [value]:
                        self.connection.putheader(name, each)
                self.connection.endheaders(body)
                response = self.connection.getresponse()
                text = response.read()
                break
            except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLEOFError):
                self.connection.close()
                if fresh:
                    raise
        try:
            parsed = json.loads(text)
        except ValueError:
            parsed = {"message": text.decode(errors="replace")}
        # 299 - "text with \" and \\"
        warnings = [re.sub(r"\\(.)", r"\1", found) for line in response.headers.get_all("Warning") or []
                    for found in re.findall(r'299 \S+ "((?:[^"\\]|\\.)*)"', line)]
        return Answer(response.status, parsed, warnings)

    def resource(self, api_version, kind):
        """Where objects of a kind are; None if the kind is not served."""
        if api_version not in self.discovered:
            base = "/apis/" + api_version if "/" in api_version else "/api/" + api_version
            answer = self.call("GET", base)
            if answer.status != 200:
                return None
            self.discovered[api_version] = (base, answer.body.get("resources", []))
        base, resources = self.discovered[api_version]
        for resource in resources:
            if resource["kind"] == kind and "/" not in resource["name"]:
                return Resource(base, resource["name"], resource["namespaced"])
        return None
