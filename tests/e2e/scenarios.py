#!/usr/bin/env python3
"""Plays scenarios twice, once with their policies applied to the API server itself and once with the webhook judging by the
same policies, and compares both with what the files expect and with each other.

    scenarios.py policies FOLDER                       writes what the webhook shall have in force
    scenarios.py define API TOKEN                      makes the custom resources
    scenarios.py play API TOKEN AUDIT-LOG WEBHOOKS...  WEBHOOKS: files of webhook configurations, for a round each

A scenario (scenarios/*.yaml, each a list of them):

    scenario: name
    namespaces: {name: {label: value}}     the first is that of objects which name none
    definitions: [CustomResourceDefinition...]
    objects: [object...]                   there before the policies; params for example
    policies: [policy or binding...]       all scenarios' are in force at once: each has to keep to its own namespaces
    steps:
    - create: object                       or update; patch (type: merge, strategic, apply, json with its `body`); delete;
                                           deletecollection (by the labels given); apiVersion v1 and the namespace may be left out
      subresource: scale
      query: dryRun=All
      as: alice                            and groups: [a, b], extra: {key: value}
      eventually: yes                      may take some seconds: other objects of the cluster have changed
      denied: message                      several: all of them; the API server tells one
      reason: Forbidden                    Invalid unless given
      fails: 404                           not admitted's fault: the status that both get
      warns: [message...]
      audited: [message...]                what actions of the kind Audit put into the audit log
      annotations: {policy/key: value}     auditAnnotations of policies; a list: any of these
      stored: object                       the answer has at least this

What differs by nature: around a message the API server puts "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ",
the webhook " [p]". The API server tells one of the violations that deny, and logs one of the policies that audit (which, is
arbitrary); the webhook tells and logs all, whatever their action.
"""
import copy
import glob
import json
import os
import re
import sys
import time
import urllib.parse
import uuid

import yaml

from api import Api

POLICY_KINDS = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding")
PATCH_TYPES = {"merge": "application/merge-patch+json", "strategic": "application/strategic-merge-patch+json",
               "json": "application/json-patch+json", "apply": "application/apply-patch+yaml"}
VERBS = {"create": "POST", "update": "PUT", "patch": "PATCH", "delete": "DELETE", "deletecollection": "DELETE"}
PATIENCE = float(os.environ.get("SCENARIOS_PATIENCE", "60"))  # seconds, for what takes one or two on an idle machine

# Tells when what was applied is in force: a name that is refused, and one that gets a label.
SENTINEL = yaml.safe_load("""
scenario: sentinel
namespaces: {sentinel: {}}
steps: []
policies:
- apiVersion: admissionregistration.k8s.io/v1
  kind: MutatingAdmissionPolicy
  metadata: {name: zz-sentinel}
  spec:
    reinvocationPolicy: Never
    matchConstraints: {resourceRules: &rules [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}], namespaceSelector: &here {matchLabels: {kubernetes.io/metadata.name: sentinel}}}
    mutations: [{patchType: ApplyConfiguration, applyConfiguration: {expression: "Object{data: {'mutated': 'yes'}}"}}]
- apiVersion: admissionregistration.k8s.io/v1
  kind: MutatingAdmissionPolicyBinding
  metadata: {name: zz-sentinel}
  spec: {policyName: zz-sentinel}
- apiVersion: admissionregistration.k8s.io/v1
  kind: ValidatingAdmissionPolicy
  metadata: {name: zz-sentinel}
  spec:
    matchConstraints: {resourceRules: *rules, namespaceSelector: *here}
    validations: [{expression: "object.metadata.name != 'refused'"}]
- apiVersion: admissionregistration.k8s.io/v1
  kind: ValidatingAdmissionPolicyBinding
  metadata: {name: zz-sentinel}
  spec: {policyName: zz-sentinel, validationActions: [Deny]}
""")


def load():
    scenarios = []
    for path in sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "scenarios", "*.yaml"))):
        with open(path, encoding="utf-8") as file:
            scenarios += yaml.safe_load(file)
    return scenarios + [SENTINEL]


def contains(whole, part):
    """Whether `whole` has at least what `part` has; lists must be as long."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(k in whole and contains(whole[k], v) if v is not None else k not in whole
                                               for k, v in part.items())
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) == len(part) and all(map(contains, whole, part))
    return whole == part


class Phase:
    """One way to have the policies in force."""

    def __init__(self, api, scenarios):
        self.api = api
        self.scenarios = scenarios
        self.created = []  # paths

    def path_of(self, scenario, thing, collection=False):
        api_version = thing.get("apiVersion", "v1")
        resource = self.api.resource(api_version, thing["kind"])
        assert resource, f"{api_version} {thing['kind']} is not served"
        metadata = thing.get("metadata", {})
        path = resource.base
        if resource.namespaced:
            path += "/namespaces/" + metadata.get("namespace", next(iter(scenario.get("namespaces", {"default": {}}))))
        path += "/" + resource.plural
        return path if collection else f"{path}/{metadata.get('name', '')}"

    def make(self, scenario, thing, keep=False):
        thing = {"apiVersion": "v1", **thing}
        answer = self.api.call("POST", self.path_of(scenario, thing, True), thing)
        assert answer.status == 201, f"{scenario['scenario']}: {thing['kind']} {thing['metadata']['name']}: {answer.body.get('message')}"
        if not keep:
            self.created.append(self.path_of(scenario, thing))

    def surroundings(self):
        for scenario in self.scenarios:
            for name, labels in scenario.get("namespaces", {}).items():
                space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels or {}}}
                if self.api.call("POST", "/api/v1/namespaces", space).status == 409:
                    space["metadata"]["labels"] = {"kubernetes.io/metadata.name": name, **(labels or {})}
                    assert self.api.call("PUT", "/api/v1/namespaces/" + name, space).status == 200
            for thing in scenario.get("objects", []):
                self.make(scenario, thing)

    def probe(self):
        """(mutated, refused): whether the last of the policies that mutate, and that validate, are in force."""
        def create(name):
            return self.api.call("POST", "/api/v1/namespaces/sentinel/configmaps?dryRun=All",
                                 {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
        return create("a").body.get("data") == {"mutated": "yes"}, create("refused").status >= 400

    def wait_for(self, what):
        until = time.monotonic() + PATIENCE
        while self.probe() != what:
            assert time.monotonic() < until, f"policies did not come into force, or not out of it, within {PATIENCE} s"
            time.sleep(0.1)

    def leave(self):
        self.end()
        self.wait_for((False, False))
        for path in reversed(self.created):
            self.api.call("DELETE", path + "?gracePeriodSeconds=0&propagationPolicy=Background")

    def ask(self, scenario, step):
        verb = next(key for key in VERBS if key in step)
        thing = copy.deepcopy(step[verb])
        path = self.path_of(scenario, thing, verb in ("create", "deletecollection") and "subresource" not in step)
        labels = thing.get("metadata", {}).get("labels", {})
        if "subresource" in step:
            path += "/" + step["subresource"]
        query = step.get("query", "")
        if verb == "deletecollection":
            query += "&labelSelector=" + urllib.parse.quote(",".join(f"{k}={v}" for k, v in labels.items()))
        patch = step.get("type", "merge")
        if verb == "patch" and patch == "apply":
            query += "&fieldManager=scenarios&force=true"
        body = step.get("body", None if verb.startswith("delete") else {"apiVersion": "v1", **thing})
        headers = {}
        if "as" in step:
            headers["Impersonate-User"] = step["as"]
        if "groups" in step:
            headers["Impersonate-Group"] = step["groups"]
        for key, value in step.get("extra", {}).items():
            headers["Impersonate-Extra-" + key] = value
        until = time.monotonic() + 90
        while True:
            headers["Audit-ID"] = str(uuid.uuid4())
            answer = self.api.call(VERBS[verb], path + ("?" + query.strip("&") if query else ""), body,
                                   PATCH_TYPES[patch] if verb == "patch" else "application/json", headers)
            # The API server learns the schema of a custom resource for ApplyConfiguration some time after it serves it.
            if answer.status != 503 or "There can be a delay between" not in str(answer.body) or time.monotonic() > until:
                break
            time.sleep(0.5)
        name = answer.body.get("metadata", {}).get("name", "")
        if answer.status == 201 and "dryRun" not in query and "subresource" not in step and thing.get("kind") == answer.body.get("kind"):
            self.created.append(path if verb != "create" else f"{path}/{name}")
        return {"id": headers["Audit-ID"], "status": answer.status, "reason": answer.body.get("reason", ""),
                "message": answer.body.get("message", ""), "warnings": answer.warnings,
                "object": self.comparable(answer.body, "generateName" in thing.get("metadata", {})) if answer.status < 300 else {}}

    @staticmethod
    def comparable(answer, generated):
        """An object without what differs each time it is created."""
        own = answer.get("metadata", {}).get("uid", "none")
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", json.dumps(answer).replace(own, "UID"))
        answer = json.loads(text)
        answer.get("metadata", {}).pop("resourceVersion", None)
        if generated:
            del answer["metadata"]["name"]
        answer.get("details", {}).pop("uid", None)  # of what was deleted
        return {} if "items" in answer else answer

    def fits(self, step, result):
        """What is not as the step expects; audit annotations are looked at later."""
        wrong = []
        denied = step.get("denied", [])
        denied = denied if isinstance(denied, list) else [denied]
        if denied:
            messages = [message for _, message in self.denials(result)]
            if not self.are(messages, denied):
                wrong.append(f"denied: {denied}, is: {result['status']} {messages or result['message']}")
            elif result["reason"] != step.get("reason", "Invalid"):
                wrong.append(f"reason {step.get('reason', 'Invalid')}, is: {result['reason']}")
            elif result["status"] != {"Forbidden": 403, "RequestEntityTooLarge": 413}.get(result["reason"], 422):
                wrong.append(f"code of {result['reason']}, is: {result['status']}")
        elif "fails" in step:
            if result["status"] != step["fails"]:
                wrong.append(f"{step['fails']}, is: {result['status']} {result['message']}")
        elif result["status"] >= 300:
            wrong.append(f"allowed, is: {result['status']} {result['message']}")
        warned = [self.warning(text) for text in result["warnings"]]
        if warned != step.get("warns", []):
            wrong.append(f"warns: {step.get('warns', [])}, is: {warned}")
        if not contains(result["object"], step.get("stored", {})):
            wrong.append(f"stored: {step['stored']}, is: {result['object']}")
        return wrong

    def play(self):
        """Results by (scenario, step's number)."""
        self.surroundings()
        self.begin()
        self.wait_for((True, True))
        results = {}
        for scenario in self.scenarios:
            for number, step in enumerate(scenario["steps"], 1):
                until = time.monotonic() + PATIENCE
                result = self.ask(scenario, step)
                result["wrong"] = self.fits(step, result)
                while step.get("eventually") and result["wrong"] and time.monotonic() < until:
                    time.sleep(0.2)
                    result = self.ask(scenario, step)
                    result["wrong"] = self.fits(step, result)
                results[scenario["scenario"], number] = result
        self.leave()
        return results

    def add_audit(self, results, path):
        by_id = {result["id"]: result for result in results.values()}
        with open(path, encoding="utf-8") as log:
            for line in log:
                event = json.loads(line)
                if event["auditID"] in by_id:
                    by_id[event["auditID"]].update(self.audit(event.get("annotations", {})))


class Server(Phase):
    name = "API server"

    def begin(self):
        for scenario in self.scenarios:
            for policy in scenario["policies"]:
                self.make(scenario, policy, keep=True)

    def end(self):
        for scenario in self.scenarios:
            for policy in reversed(scenario["policies"]):
                self.api.call("DELETE", self.path_of(scenario, policy))

    def denials(self, result):
        found = re.search(r"(?:ValidatingAdmissionPolicy|policy) '([^']*)' with binding '[^']*' denied request: (.*)", result["message"], re.S)
        return [found.groups()] if found else []

    @staticmethod
    def are(messages, wanted):
        return len(messages) == 1 and messages[0] in wanted if wanted else not messages

    @staticmethod
    def warning(text):
        return re.sub(r"^Validation failed for ValidatingAdmissionPolicy '[^']*' with binding '[^']*': ", "", text)

    def audit(self, annotations):
        policies = {policy["metadata"]["name"] for scenario in self.scenarios for policy in scenario["policies"]}
        failures = json.loads(annotations.get("validation.policy.admission.k8s.io/validation_failure", "[]"))
        return {"audited": [failure["message"] for failure in failures],
                "annotations": {key: value for key, value in annotations.items() if key.split("/")[0] in policies}}

    def expects_audited(self, step):
        return step.get("audited", [])


class Webhook(Phase):
    def __init__(self, api, scenarios, configurations):
        super().__init__(api, scenarios)
        self.name = "webhook of " + os.path.basename(configurations)
        with open(configurations, encoding="utf-8") as file:
            self.configurations = [document for document in yaml.safe_load_all(file) if document]

    def begin(self):
        for configuration in self.configurations:
            self.make({"scenario": "webhooks"}, configuration, keep=True)

    def end(self):
        for configuration in self.configurations:
            self.api.call("DELETE", self.path_of({}, configuration))

    def denials(self, result):
        found = re.search(r'admission webhook "[a-z.]*" denied the request: (.*)', result["message"], re.S)
        if not found:
            return []
        inside = re.search(r"^policy '([^']*)' with binding '[^']*' denied request: (.*)", found.group(1), re.S)
        if inside:
            return [inside.groups()]
        return [(policy, message) for message, policy in re.findall(r"(.*?) \[([^\[\]]*)\](?:; |$)", found.group(1), re.S)]

    @staticmethod
    def are(messages, wanted):
        return sorted(messages) == sorted(wanted)

    @staticmethod
    def warning(text):
        return re.sub(r" \[[a-z0-9./-]*\]$", "", text)

    def audit(self, annotations):
        own = {key.removeprefix("validate.plimsoll.dev/"): value for key, value in annotations.items()
               if key.startswith("validate.plimsoll.dev/")}
        return {"audited": [violation["message"] for violation in json.loads(own.pop("violations", "[]"))],
                "annotations": {key.replace(".", "/", 1): value for key, value in own.items()}}

    def expects_audited(self, step):
        """All violations, whatever comes of them; a fault of a mutating policy is none."""
        denied = step.get("denied", [])
        return list({*(denied if isinstance(denied, list) else [denied]), *step.get("warns", []), *step.get("audited", [])}) + step.get("twice", [])


def write_policies(folder):
    for scenario in load():
        with open(os.path.join(folder, scenario["scenario"].replace(" ", "-") + ".yaml"), "w", encoding="utf-8") as file:
            for policy in scenario["policies"]:
                file.write("---\n" + json.dumps(policy, indent=1) + "\n")  # as YAML, `n` would be a boolean to one and text to others


def define(api, scenarios):
    for scenario in scenarios:
        for definition in scenario.get("definitions", []):
            answer = api.call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
            assert answer.status in (201, 409), answer.body.get("message")
            until = time.monotonic() + PATIENCE
            for version in definition["spec"]["versions"]:
                while not api.resource(f"{definition['spec']['group']}/{version['name']}", definition["spec"]["names"]["kind"]):
                    assert time.monotonic() < until, f"{definition['metadata']['name']} is not served"
                    time.sleep(0.1)
                    api.discovered.clear()


def play(url, token, audit_log, *configurations):
    api, scenarios = Api(url, token), load()
    phases = [Server(api, scenarios)] + [Webhook(api, scenarios, path) for path in configurations]
    results = []
    for phase in phases:
        started = time.monotonic()
        results.append(phase.play())
        phase.add_audit(results[-1], audit_log)
        print(f"scenarios: by the {phase.name}: {time.monotonic() - started:.1f} s", flush=True)
    failed = steps = 0
    for scenario in scenarios:
        for number, step in enumerate(scenario["steps"], 1):
            steps += 1
            wrong = []
            server = results[0][scenario["scenario"], number]
            for phase, of_phase in zip(phases, results):
                result = of_phase[scenario["scenario"], number]
                wrong += [f"{phase.name}: expected {text}" for text in result["wrong"]]
                audited, logged = phase.expects_audited(step), result.get("audited", [])
                if not phase.are(logged, audited):
                    wrong.append(f"{phase.name}: expected in the audit log {audited}, is: {logged}")
                annotations, noted = step.get("annotations", {}), result.get("annotations", {})
                if annotations.keys() != noted.keys() or any(noted[key] not in (value if isinstance(value, list) else [value])
                                                             for key, value in annotations.items()):
                    wrong.append(f"{phase.name}: expected audit annotations {annotations}, is: {noted}")
                wrong += [f"{phase.name}: {what} is {result[what]}, and the API server's {server[what]}"
                          for what in ("status", "reason", "object") if result[what] != server[what]]
                if not set(phases[0].denials(server)) <= set(phase.denials(result)):
                    wrong.append(f"{phase.name} denies {phase.denials(result)}, and the API server {phases[0].denials(server)}")
            failed += bool(wrong)
            for text in wrong:
                print(f"FAIL: {scenario['scenario']}, step {number}: {text}")
    print(f"scenarios: {len(scenarios) - 1} of {steps} steps, each in {len(phases)} ways")
    print(f"{steps - failed} passed, {failed} failed")
    return failed == 0


if sys.argv[1] == "policies":
    write_policies(sys.argv[2])
elif sys.argv[1] == "define":
    define(Api(*sys.argv[2:4]), load())
else:
    sys.exit(0 if play(*sys.argv[2:]) else 1)
