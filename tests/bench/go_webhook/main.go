// The competitor of tests/bench/webhook.sh: a webhook as one writes it in Go, with net/http, the decoder of the Kubernetes
// types and cel-go with the API server's libraries. It knows the matching of resources, variables (evaluated once, when asked
// for) and validations, and nothing else: no bindings, params, cost limits, metrics or logs, all of which would cost it more.
//
//	go_webhook -listen 127.0.0.1:8443 -cert tls.crt -key tls.key POLICIES.yaml...
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	admissionv1 "k8s.io/api/admission/v1"
	registrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/lazy"
	"sigs.k8s.io/yaml"
)

type named struct {
	name    string
	program cel.Program
}

type validation struct {
	check   cel.Program
	message cel.Program // nil: text
	text    string
}

type policy struct {
	name        string
	rules       []registrationv1.NamedRuleWithOperations
	variables   []named
	validations []validation
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8443", "address")
	cert := flag.String("cert", "", "certificate file")
	key := flag.String("key", "", "key file")
	flag.Parse()
	base, err := environment.MustBaseEnvSet(version.MajorMinor(1, 36)).Env(environment.StoredExpressions)
	check(err)
	env, err := base.Extend(cel.Variable("object", cel.DynType), cel.Variable("oldObject", cel.DynType),
		cel.Variable("request", cel.DynType), cel.Variable("variables", cel.DynType))
	check(err)
	var policies []*policy
	for _, path := range flag.Args() {
		text, err := os.ReadFile(path)
		check(err)
		for _, document := range strings.Split(string(text), "\n---\n") {
			var source registrationv1.ValidatingAdmissionPolicy
			check(yaml.Unmarshal([]byte(document), &source))
			if source.Kind == "ValidatingAdmissionPolicy" {
				policies = append(policies, compile(env, &source))
			}
		}
	}
	http.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("/validate", func(w http.ResponseWriter, r *http.Request) { serve(policies, w, r) })
	log.Printf("%d policies", len(policies))
	check(http.ListenAndServeTLS(*listen, *cert, *key, nil))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func program(env *cel.Env, expression string) cel.Program {
	ast, issues := env.Compile(expression)
	check(issues.Err())
	result, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	check(err)
	return result
}

func compile(env *cel.Env, source *registrationv1.ValidatingAdmissionPolicy) *policy {
	result := &policy{name: source.Name, rules: source.Spec.MatchConstraints.ResourceRules}
	for _, variable := range source.Spec.Variables {
		result.variables = append(result.variables, named{variable.Name, program(env, variable.Expression)})
	}
	for _, given := range source.Spec.Validations {
		next := validation{check: program(env, given.Expression), text: given.Message}
		if given.MessageExpression != "" {
			next.message = program(env, given.MessageExpression)
		}
		result.validations = append(result.validations, next)
	}
	return result
}

func covers(values []string, value string) bool {
	return slices.Contains(values, "*") || slices.Contains(values, value)
}

func (p *policy) matches(request *admissionv1.AdmissionRequest) bool {
	resource := request.Resource.Resource
	if request.SubResource != "" {
		resource += "/" + request.SubResource
	}
	for _, rule := range p.rules {
		operations := make([]string, 0, 4)
		for _, operation := range rule.Operations {
			operations = append(operations, string(operation))
		}
		if covers(operations, string(request.Operation)) && covers(rule.APIGroups, request.Resource.Group) &&
			covers(rule.APIVersions, request.Resource.Version) && covers(rule.Resources, resource) {
			return true
		}
	}
	return false
}

func (p *policy) judge(input map[string]any) (string, error) {
	variables := lazy.NewMapValue(types.NewObjectType("plimsoll.variables"))
	activation := map[string]any{"variables": variables}
	for name, value := range input {
		activation[name] = value
	}
	for _, variable := range p.variables {
		variables.Append(variable.name, func(*lazy.MapValue) ref.Val {
			value, _, err := variable.program.Eval(activation)
			if err != nil {
				return types.WrapErr(err)
			}
			return value
		})
	}
	for _, validation := range p.validations {
		value, _, err := validation.check.Eval(activation)
		if err != nil {
			return "", err
		}
		if value == types.True {
			continue
		}
		if validation.message != nil {
			if message, _, err := validation.message.Eval(activation); err == nil {
				if text, ok := message.Value().(string); ok {
					return text, nil
				}
			}
		}
		return validation.text, nil
	}
	return "", nil
}

func serve(policies []*policy, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var review admissionv1.AdmissionReview
	if err := json.Unmarshal(body, &review); err != nil || review.Request == nil {
		http.Error(w, "no AdmissionReview", http.StatusBadRequest)
		return
	}
	request := review.Request
	input := map[string]any{"object": nil, "oldObject": nil, "request": map[string]any{"operation": string(request.Operation), "namespace": request.Namespace, "name": request.Name}}
	for name, raw := range map[string][]byte{"object": request.Object.Raw, "oldObject": request.OldObject.Raw} {
		if len(raw) == 0 {
			continue
		}
		var value any
		if err := json.Unmarshal(raw, &value); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		input[name] = value
	}
	response := &admissionv1.AdmissionResponse{UID: request.UID, Allowed: true}
	var messages []string
	for _, policy := range policies {
		if !policy.matches(request) {
			continue
		}
		message, err := policy.judge(input)
		if err != nil {
			message = err.Error()
		}
		if message != "" {
			messages = append(messages, message+" ["+policy.name+"]")
		}
	}
	if len(messages) > 0 {
		response.Allowed = false
		response.Result = &metav1.Status{Message: strings.Join(messages, "; "), Code: http.StatusUnprocessableEntity}
	}
	w.Header().Set("Content-Type", "application/json")
	answer := admissionv1.AdmissionReview{TypeMeta: review.TypeMeta, Response: response}
	check(json.NewEncoder(w).Encode(&answer))
}
