#!/usr/bin/env python3
"""accepted.py API TOKEN NAMESPACE < manifests.yaml

Creates each object of a stream at an API server without keeping it (dryRun=All, strict about unknown fields) and says which it
refuses. Kinds that the server does not serve (of operators that are not installed) are named and left out. Ends with
"N passed, N failed".
"""
import re
import sys

from api import Api

api, namespace = Api(*sys.argv[1:3]), sys.argv[3]


def field(text, name, indent=""):
    found = re.search(r"^" + indent + name + r":[ \t]*[\"']?([^\"'\s#]+)", text, re.M)
    return found.group(1) if found else ""


passed, failed, left_out = 0, 0, {}
for document in re.split(r"^---.*$", sys.stdin.read(), flags=re.M):
    api_version, kind = field(document, "apiVersion"), field(document, "kind")
    if not api_version or not kind:
        continue
    served = api.resource(api_version, kind)
    if served is None:
        left_out[f"{api_version} {kind}"] = left_out.get(f"{api_version} {kind}", 0) + 1
        continue
    place = f"/namespaces/{field(document, 'namespace', '  ') or namespace}" if served.namespaced else ""
    answer = api.call("POST", f"{served.base}{place}/{served.plural}?dryRun=All&fieldValidation=Strict", document,
                      "application/yaml")
    if answer.status in (200, 201):
        passed += 1
    else:
        failed += 1
        print(f"{kind} {field(document, 'name', '  ')}: {answer.body.get('message')}")
for kind, count in sorted(left_out.items()):
    print(f"left out, not served: {count} {kind}")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
