package main

import (
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

func scalar(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: yaml.NodeTagString, Value: text}
}

func mapping(content ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Tag: yaml.NodeTagMap, Content: content}
}

// object is a Pod with one more field.
func object(name string, value *yaml.Node) *resource.Resource {
	root := yaml.MustParse("{apiVersion: v1, kind: Pod, metadata: {name: " + name + "}}").YNode()
	root.Content = append(root.Content, scalar("field"), value)
	return &resource.Resource{RNode: *yaml.NewRNode(root)}
}

func fieldOf(one *resource.Resource) *yaml.Node {
	content := one.YNode().Content
	return content[len(content)-1]
}

func TestACopyHangsTogetherAsTheOriginalDoes(t *testing.T) {
	both := scalar("both")
	backing := append(make([]*yaml.Node, 0, 8), scalar("a"), both, scalar("b"), scalar("c"))
	long, short, none := mapping(backing...), mapping(), mapping()
	long.Content, short.Content, none.Content = backing, backing[:2], backing[:0]
	originals := []*resource.Resource{object("a", short), object("b", long), object("c", both), object("d", none)}
	made := graphOf(originals)
	if made == nil {
		t.Fatal("not copied")
	}
	copies := made.copied(newSharer().factory).Resources()
	before := originals[1].MustYaml()
	for at, original := range originals {
		if original.MustYaml() != copies[at].MustYaml() {
			t.Errorf("%s is not %s", copies[at].MustYaml(), original.MustYaml())
		}
	}
	fieldOf(copies[2]).Value = "other"
	fieldOf(copies[0]).Content[0] = scalar("new")
	if found := copies[1].MustYaml(); !strings.Contains(found, "new: other") || !strings.Contains(found, "b: c") {
		t.Errorf("%s has not what its neighbours have, too", found)
	}
	grown := append(fieldOf(copies[1]).Content, scalar("d"), scalar("e"))
	if &grown[0] != &fieldOf(copies[3]).Content[:1][0] {
		t.Error("there is less room than there was")
	}
	if found := originals[1].MustYaml(); found != before {
		t.Errorf("%s was %s", found, before)
	}
}

func TestWhatACopyWouldChangeIsNotCopied(t *testing.T) {
	backing := []*yaml.Node{scalar("a"), scalar("b"), scalar("c"), scalar("d")}
	early, late, clipped := mapping(), mapping(), mapping()
	early.Content, late.Content, clipped.Content = backing, backing[2:], backing[:2:2]
	alias := &yaml.Node{Kind: yaml.AliasNode, Value: "a", Alias: scalar("a")}
	matched := object("m", scalar("a"))
	matched.Match = []string{"a"}
	for name, originals := range map[string][]*resource.Resource{
		"lists that begin elsewhere": {object("a", early), object("b", late)},
		"lists that end elsewhere":   {object("a", early), object("b", clipped)},
		"an alias":                   {object("a", alias)},
		"a match":                    {matched},
		"nothing":                    {{}},
	} {
		if graphOf(originals) != nil {
			t.Error(name)
		}
	}
}

// kustomize puts one node in labels and selectors. Whether it should is another matter: Argo CD renders with it.
func TestALabelThatIsChangedAroundChangesTheSelectorWithin(t *testing.T) {
	_, outer := twoLayers()
	asked := changed(outer, "o/in/base/kustomization.yaml", "resources: [app.yaml]\ncommonLabels: {team: a}\n")
	asked = changed(asked, "o/kustomization.yaml", "resources: [in/base]\nlabels: [{pairs: {team: b}, includeTemplates: true}]\n")
	found, wanted := handle(map[string]file{}, newSharer(), asked), handle(map[string]file{}, nil, asked)
	if found.Text == "" || found.Text != wanted.Text {
		t.Errorf("%+v\nand not\n%+v", found, wanted)
	}
}
