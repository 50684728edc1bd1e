package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

const (
	deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: app, labels: {own: "1"}}
spec:
  replicas: 1
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      containers:
        - name: app
          image: app:1
          envFrom: [{configMapRef: {name: settings}}]
`
	service = "apiVersion: v1\nkind: Service\nmetadata: {name: app}\nspec: {selector: {app: app}, ports: [{port: 80}]}\n"
	route   = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: app, annotations: {x: "1"}}
spec: {rules: [{backendRefs: [{name: app, port: 80}]}]}
`
	schema = `{"definitions": {"v1.Widget": {"properties": {"a": {"type": "string"}}, "x-kubernetes-group-version-kind":
[{"group": "", "kind": "Widget", "version": "v1"}]}}}`
)

// features are what the layers of random kustomizations are made of. A few break some of them.
var features = []string{
	"namespace: other",
	"namePrefix: pre-",
	"nameSuffix: -suf",
	"commonLabels: {team: a}",
	"labels: [{pairs: {team: b}, includeSelectors: true}]",
	"labels: [{pairs: {team: c}, includeTemplates: true}, {pairs: {d: e}}]",
	"commonAnnotations: {note: a}",
	"images: [{name: app, newTag: '2'}]",
	"images: [{name: app, newName: registry/app, digest: sha256:ab}]",
	"replicas: [{name: app, count: 3}]",
	"patches: [{target: {kind: Deployment}, patch: '- {op: add, path: /spec/paused, value: true}'}]",
	"patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: app}, spec: {replicas: 5}}'}]",
	"patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: app}, $patch: delete}'}]",
	"patches: [{target: {kind: HTTPRoute}, options: {allowNameChange: true}, patch: '- {op: replace, path: /metadata/name, value: r}'}]",
	"configMapGenerator: [{name: settings, behavior: merge, literals: [b=2]}]",
	"configMapGenerator: [{name: settings, behavior: replace, literals: [c=3]}]",
	"configMapGenerator: [{name: more, literals: [a=1]}]\ngeneratorOptions: {disableNameSuffixHash: true}",
	"secretGenerator: [{name: hidden, literals: [a=1]}]",
	"vars: [{name: APP, objref: {apiVersion: v1, kind: Service, name: app}}]",
	"replacements: [{source: {kind: Service, fieldPath: metadata.name}, targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.name]}]}]",
	"configurations: [config.yaml]",
	"crds: [crd.json]",
	"openapi: {path: schema.json}",
	"openapi: {version: v1.21.2}",
	"buildMetadata: [managedByLabel, originAnnotations]",
	"sortOptions: {order: fifo}",
	"components: [../component]",
	"transformers: ['{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: p}, prefix: t-, fieldSpecs: [{path: metadata/name}]}']",
	"generators: ['{apiVersion: builtin, kind: ConfigMapGenerator, metadata: {name: g}, name: g, literals: [a=1]}']",
	"helmCharts: [{name: a}]",
}

// layers are folders, each with what it may name; the later ones name the earlier ones.
var layers = []string{"base", "second", "component", "overlay", "around"}

func randomLayer(at int) map[string]string {
	lines := []string{"kind: Kustomization"}
	if layers[at] == "component" {
		lines = []string{"apiVersion: kustomize.config.k8s.io/v1alpha1", "kind: Component"}
	}
	resources := [][]string{
		{"app.yaml"}, {"service.yaml", "local.yaml"}, {"../second"}, {"../base", "../second"}, {"../overlay", "route.yaml"},
	}[at]
	if layers[at] == "base" {
		lines = append(lines, "configMapGenerator: [{name: settings, literals: [a=1]}]")
	}
	if layers[at] != "component" || rand.IntN(2) == 0 {
		rand.Shuffle(len(resources), func(i, j int) { resources[i], resources[j] = resources[j], resources[i] })
		if layers[at] == "overlay" && rand.IntN(8) == 0 {
			resources = append(resources, []string{"..", "../around", "https://127.0.0.1/a", "../gone"}[rand.IntN(4)])
		}
		lines = append(lines, "resources: ["+strings.Join(resources, ", ")+"]")
	}
	chosen := map[string]bool{"kind": true, "apiVersion": true}
	for range rand.IntN(4) {
		line := features[rand.IntN(len(features))]
		if field, _, _ := strings.Cut(line, ":"); !chosen[field] && !(layers[at] == "base" && field == "configMapGenerator") {
			chosen[field] = true
			lines = append(lines, line)
		}
	}
	app := deployment
	if rand.IntN(8) == 0 {
		app = strings.Replace(app, "{app: app}}\n  template", "&a {app: app}}\n  other: *a\n  template", 1)
	}
	files := map[string]string{
		"kustomization.yaml": strings.Join(lines, "\n") + "\n",
		"app.yaml":           app,
		"service.yaml":       service,
		"local.yaml":         "apiVersion: v1\nkind: Local\nmetadata: {name: l, annotations: {config.kubernetes.io/local-config: 'true'}}\n",
		"route.yaml":         route,
		"config.yaml":        "nameReference: [{kind: Service, fieldSpecs: [{kind: HTTPRoute, path: spec/rules/backendRefs/name}]}]\n",
		"crd.json":           "{}",
		"schema.json":        schema,
	}
	if rand.IntN(20) == 0 {
		files["kustomization.yml"] = files["kustomization.yaml"]
	}
	return files
}

// TestSharingChangesNothing renders the folders of random trees in random order, and has files change in between.
func TestSharingChangesNothing(t *testing.T) {
	rendered, reused := 0, 0
	for range *trees {
		shared, files := newSharer(), map[string]file{}
		tree := map[string]map[string]string{}
		for at, layer := range layers {
			tree[layer] = randomLayer(at)
		}
		for range 12 {
			if at := rand.IntN(len(layers)); rand.IntN(4) == 0 {
				tree[layers[at]] = randomLayer(at)
			}
			asked := overlay(nil)
			asked.Folder = layers[rand.IntN(len(layers))]
			for layer, own := range tree {
				for name, text := range own {
					asked.Add[text], asked.Files[layer+"/"+name] = text, text
				}
			}
			before := len(shared.kept)
			found, wanted := handle(files, shared, asked), handle(files, nil, asked)
			if !reflect.DeepEqual(found, wanted) {
				t.Fatalf("%s of %v:\n%+v\nand not\n%+v", asked.Folder, tree, found, wanted)
			}
			if wanted.Text != "" {
				rendered++
			}
			if len(shared.kept) < before {
				reused++
			}
		}
	}
	fmt.Printf("%d of %d rendered, %d from what was kept\n", rendered, *trees*12, reused)
	if rendered < *trees*3 || reused < *trees/4 {
		t.Errorf("of %d trees only %d builds were rendered, and %d from what was kept", *trees, rendered, reused)
	}
}

// twoLayers is a folder and what is around it.
func twoLayers() (inner, outer request) {
	outer = overlay(map[string]string{
		"kustomization.yaml":         "resources: [in/base, route.yaml]\nnamePrefix: a-\n",
		"route.yaml":                 route,
		"in/base/kustomization.yaml": "resources: [app.yaml]\nnameSuffix: -b\n",
		"in/base/app.yaml":           deployment,
	})
	inner = outer
	inner.Folder = "o/in/base"
	return inner, outer
}

func changed(asked request, path, text string) request {
	asked.Files, asked.Add = maps.Clone(asked.Files), maps.Clone(asked.Add)
	asked.Files[path], asked.Add[text] = text, text
	return asked
}

func TestWhatIsWithinIsKeptUntilItIsRendered(t *testing.T) {
	shared, files := newSharer(), map[string]file{}
	inner, outer := twoLayers()
	handle(files, shared, outer)
	if len(shared.kept) != 1 || shared.kept[0].folder != root+"o/in/base" {
		t.Fatalf("%+v", shared.kept)
	}
	// Nobody else could have called it that: what is rendered is what was kept.
	shared.kept[0].objects.objects[0].SetName("mark")
	for range 2 {
		if given := handle(files, shared, outer); !strings.Contains(given.Text, "name: a-mark") {
			t.Errorf("%+v", given)
		}
	}
	if given := handle(files, shared, inner); !strings.Contains(given.Text, "name: mark") || len(shared.kept) != 0 {
		t.Errorf("%+v, and %d are kept", given, len(shared.kept))
	}
	if given := handle(files, shared, inner); !strings.Contains(given.Text, "name: app-b") {
		t.Errorf("%+v", given)
	}
}

func TestWhatIsKeptIsForTheSameFilesOnly(t *testing.T) {
	inner, outer := twoLayers()
	for name, other := range map[string]request{
		"another text":          changed(outer, "o/in/base/app.yaml", service),
		"a file where none was": changed(outer, "o/in/base/kustomization.yml", "{}"),
		"a folder instead of a file": func() request {
			asked := changed(outer, "o/in/base/app.yaml/kustomization.yaml", "resources: [../../../route.yaml]")
			delete(asked.Files, "o/in/base/app.yaml")
			return asked
		}(),
	} {
		for _, folder := range []string{outer.Folder, inner.Folder} {
			shared, files := newSharer(), map[string]file{}
			handle(files, shared, outer)
			other.Folder = folder
			found, wanted := handle(files, shared, other), handle(files, nil, other)
			if !reflect.DeepEqual(found, wanted) {
				t.Errorf("%s in %s: %+v and not %+v", name, folder, found, wanted)
			}
		}
	}
}

// One tenant's build would leave another one's base behind without the schema that it brings.
func TestNothingIsKeptOfABuildInWhichASchemaWasNamed(t *testing.T) {
	component := "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
	widget := "apiVersion: acme.io/v1\nkind: Widget\nmetadata: {name: w}\nparts: [{name: x, a: '1'}, {name: y, a: '2'}]\n"
	patch := "patches: [{patch: '{apiVersion: acme.io/v1, kind: Widget, metadata: {name: w}, parts: [{name: x, b: own}]}'}]\n"
	merging := `{"definitions": {"v1.Widget": {"properties": {"parts": {"type": "array", "items": {"properties": {"name":
{"type": "string"}}}, "x-kubernetes-patch-merge-key": "name", "x-kubernetes-patch-strategy": "merge"}},
"x-kubernetes-group-version-kind": [{"group": "acme.io", "kind": "Widget", "version": "v1"}]}}}`
	asked := overlay(map[string]string{
		"base/kustomization.yaml":       "resources: [widget.yaml]\ncomponents: [../schema]\n",
		"base/widget.yaml":              widget,
		"schema/kustomization.yaml":     component + "openapi: {path: schema.json}\n" + patch,
		"schema/schema.json":            merging,
		"default/kustomization.yaml":    component + "openapi: {version: v1.21.2}\n",
		"evil/first/kustomization.yaml": "resources: [pod.yaml]\ncomponents: [../../default]\n",
		"evil/first/pod.yaml":           pod,
		"evil/kustomization.yaml":       "resources: [first, ../base]\n",
		"good/kustomization.yaml":       "resources: [../base]\n",
	})
	shared, files := newSharer(), map[string]file{}
	for _, folder := range []string{"o/evil", "o/good", "o/base"} {
		asked.Folder = folder
		found, wanted := handle(files, shared, asked), handle(files, nil, asked)
		if found.Text == "" || !reflect.DeepEqual(found, wanted) || len(shared.kept) != 0 {
			t.Errorf("%s, and %d are kept:\n%+v\nand not\n%+v", folder, len(shared.kept), found, wanted)
		}
	}
}

// A folder may name one beside it that is above another one around it, which kustomize calls a cycle.
func TestWhatIsKeptAllowsNoCycle(t *testing.T) {
	asked := overlay(map[string]string{
		"base/kustomization.yaml":        "resources: [../above]\n",
		"above/kustomization.yaml":       "resources: [app.yaml]\n",
		"above/app.yaml":                 deployment,
		"beside/kustomization.yaml":      "resources: [../base]\n",
		"above/below/kustomization.yaml": "resources: [../../base]\n",
	})
	shared, files := newSharer(), map[string]file{}
	asked.Folder = "o/beside"
	if given := handle(files, shared, asked); given.Failure != "" {
		t.Fatalf("%+v", given)
	}
	asked.Folder = "o/above/below"
	if given := handle(files, shared, asked); !strings.Contains(given.Message, "cycle detected") {
		t.Errorf("%+v", given)
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	shared, files := newSharer(), map[string]file{}
	for number := range 3 * maxKept {
		_, outer := twoLayers()
		handle(files, shared, changed(outer, "o/in/base/app.yaml", strings.ReplaceAll(deployment, "app:1", fmt.Sprint("app:", number))))
	}
	if len(shared.kept) != maxKept {
		t.Errorf("%d are kept", len(shared.kept))
	}
	var maps strings.Builder
	for number := range 30 {
		fmt.Fprintf(&maps, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a%d}\n", number)
	}
	prefixed := "resources: [app.yaml]\nnamePrefix: " + strings.Repeat("x", maxText/25) + "\n"
	for name, of := range map[string][2]string{
		"many nodes":    {"resources: [app.yaml]\n", deployment + "  many: [" + strings.Repeat("1,", maxNodes) + "]\n"},
		"many bytes":    {"resources: [app.yaml]\n", deployment + "  # " + strings.Repeat("x", maxShared) + "\n"},
		"a long prefix": {prefixed, maps.String()},
	} {
		shared, files = newSharer(), map[string]file{}
		_, outer := twoLayers()
		asked := changed(changed(outer, "o/in/base/kustomization.yaml", of[0]), "o/in/base/app.yaml", of[1])
		asked.Output = 1 << 23
		if given := handle(files, shared, asked); given.Failure != "" || len(shared.kept) != 0 {
			t.Errorf("%s: %d are kept; %.200s", name, len(shared.kept), given.Message)
		}
	}
}

// What is within each other forty times would be copied as often.
func TestDeepBuildsAreNotShared(t *testing.T) {
	deep := overlay(map[string]string{"0/app.yaml": deployment})
	deep.Folder = "o/40"
	for number := range 41 {
		text := fmt.Sprintf("resources: [../%d]\n", number-1)
		if number == 0 {
			text = "resources: [app.yaml]\n"
		}
		deep = changed(deep, fmt.Sprintf("o/%d/kustomization.yaml", number), text)
	}
	shared, files := newSharer(), map[string]file{}
	found, wanted := handle(files, shared, deep), handle(files, nil, deep)
	if found.Text == "" || !reflect.DeepEqual(found, wanted) || len(shared.kept) != 0 {
		t.Errorf("%d are kept: %.300s", len(shared.kept), found.Message+wanted.Message)
	}
}

// What is named a thousand times is remembered once.
func TestWhatWasLookedAtOftenIsKeptOnce(t *testing.T) {
	wide := overlay(map[string]string{
		"kustomization.yaml":   "resources: [b, b, b, b, b, b, b, b, b, app.yaml]\n",
		"app.yaml":             deployment,
		"b/kustomization.yaml": "resources: [" + strings.TrimSuffix(strings.Repeat("../a,", 1000), ",") + "]\n",
		"a/kustomization.yaml": "namePrefix: a-\n",
	})
	shared, files := newSharer(), map[string]file{}
	found, wanted := handle(files, shared, wide), handle(files, nil, wide)
	if found.Text == "" || !reflect.DeepEqual(found, wanted) || len(shared.kept) != 2 {
		t.Errorf("%d are kept: %.300s", len(shared.kept), found.Message+wanted.Message)
	}
	for _, known := range shared.kept {
		if len(known.seen) > 20 || len(known.entered) > 20 {
			t.Errorf("%s: %d and %d", known.folder, len(known.seen), len(known.entered))
		}
	}
}
