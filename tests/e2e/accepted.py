#!/usr/bin/env python3
"""accepted.py API TOKEN NAMESPACE < manifests.yaml

Creates each object of a stream at an API server without keeping it (dryRun=All, strict about unknown fields) and says which it
refuses. Kinds that the server does not serve (of operators that are not installed) are named and left out. Ends with
"N passed, N failed".
"""
import json
import re
import ssl
import sys
import urllib.error
import urllib.request

api, token, namespace = sys.argv[1:4]
context = ssl._create_unverified_context()  # a server on loopback, made for this test


def call(method, path, body=None):
    request = urllib.request.Request(api + path, data=body, method=method)
    request.add_header("Authorization", "Bearer " + token)
    if body is not None:
        request.add_header("Content-Type", "application/yaml")
    try:
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        text = error.read()
        try:
            return error.code, json.loads(text)
        except ValueError:
            return error.code, {"message": text.decode(errors="replace")}


discovered = {}


def resource_of(api_version, kind):
    """(path below the group, namespaced), or None if the kind is not served."""
    if api_version not in discovered:
        base = "/apis/" + api_version if "/" in api_version else "/api/" + api_version
        status, answer = call("GET", base)
        discovered[api_version] = (base, answer.get("resources", []) if status == 200 else [])
    base, resources = discovered[api_version]
    for resource in resources:
        if resource["kind"] == kind and "/" not in resource["name"]:
            return base, resource["name"], resource["namespaced"]
    return None


def field(text, name, indent=""):
    found = re.search(r"^" + indent + name + r":[ \t]*[\"']?([^\"'\s#]+)", text, re.M)
    return found.group(1) if found else ""


passed, failed, left_out = 0, 0, {}
for document in re.split(r"^---.*$", sys.stdin.read(), flags=re.M):
    api_version, kind = field(document, "apiVersion"), field(document, "kind")
    if not api_version or not kind:
        continue
    served = resource_of(api_version, kind)
    if served is None:
        left_out[f"{api_version} {kind}"] = left_out.get(f"{api_version} {kind}", 0) + 1
        continue
    base, plural, namespaced = served
    path = f"{base}/namespaces/{field(document, 'namespace', '  ') or namespace}/{plural}" if namespaced else f"{base}/{plural}"
    status, answer = call("POST", path + "?dryRun=All&fieldValidation=Strict", document.encode())
    if status in (200, 201):
        passed += 1
    else:
        failed += 1
        print(f"{kind} {field(document, 'name', '  ')}: {answer.get('message')}")
for kind, count in sorted(left_out.items()):
    print(f"left out, not served: {count} {kind}")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
