#!/usr/bin/env python3
"""kubelet.py API TOKEN NAMESPACE DEPLOYMENT ROOT   What a node does for a pod, as far as a program sees it.

Creates a pod of the Deployment, of its name, at an API server, and writes into ROOT, the pod's file system: the volumes of the first
container (ConfigMaps, Secrets), and the account's token, bound to the pod, authority and namespace. Prints the container's environment and
arguments, one a line, with an empty line between. A volume or a variable that it does not know is an error.
"""
import base64
import os
import sys

from api import Api

url, token, namespace, name, root = sys.argv[1:]
api = Api(url, token)


def call(method, path, body=None):
    answer = api.call(method, path, body)
    if answer.status >= 300:
        sys.exit(f"kubelet: {path}: {answer.body.get('message')}")
    return answer.body


def write(folder, key, data):
    os.makedirs(root + folder, exist_ok=True)
    with open(os.path.join(root + folder, key), "wb") as file:
        file.write(data)


core = f"/api/v1/namespaces/{namespace}"
template = call("GET", f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}")["spec"]["template"]
pod = call("POST", f"{core}/pods", {"apiVersion": "v1", "kind": "Pod", "metadata": {**template["metadata"], "name": name}, "spec": template["spec"]})
spec = pod["spec"]
container = spec["containers"][0]
volumes = {volume["name"]: volume for volume in spec["volumes"]}
for mount in container["volumeMounts"]:
    volume = volumes[mount["name"]]
    if "configMap" in volume:
        found = call("GET", f"{core}/configmaps/{volume['configMap']['name']}")
        for key, text in found["data"].items():
            write(mount["mountPath"], key, text.encode())
    elif "secret" in volume:
        found = call("GET", f"{core}/secrets/{volume['secret']['secretName']}")
        for key, text in found["data"].items():
            write(mount["mountPath"], key, base64.b64decode(text))
    else:
        sys.exit(f"kubelet: no such volume: {volume}")

if spec.get("automountServiceAccountToken", True):
    granted = call("POST", f"{core}/serviceaccounts/{spec['serviceAccountName']}/token", {
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {
            "expirationSeconds": 3607,
            "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": name, "uid": pod["metadata"]["uid"]}}})
    account = "/var/run/secrets/kubernetes.io/serviceaccount"
    write(account, "token", granted["status"]["token"].encode())
    write(account, "namespace", namespace.encode())
    with open(os.environ["CLUSTER_AUTHORITY"], "rb") as file:
        write(account, "ca.crt", file.read())

print("KUBERNETES_SERVICE_HOST=" + url.split("/")[2].rsplit(":", 1)[0])
print("KUBERNETES_SERVICE_PORT=" + url.rsplit(":", 1)[1])
for variable in container.get("env", []):
    if variable.get("valueFrom") != {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}:
        sys.exit(f"kubelet: no such variable: {variable}")
    print(f"{variable['name']}={namespace}")
print()
print("\n".join(container["args"]))
