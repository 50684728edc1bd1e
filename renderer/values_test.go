package main

import (
	"math/rand/v2"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// What YAML, one of its versions, or one of its writers takes for something else.
var odd = strings.Split("a|b|app|1|-1|0|-0|+1|01|0x1F|0o7|0b1|1_000|1.5|1e3|.inf|-.inf|.nan|1:30|9223372036854775807|"+
	"9223372036854775808|-9223372036854775809|true|True|yes|on|off|n|y|null|~|Null||<<|=|-|- a|?|? a|:|a: b|a:|:a|#|a # b|a#b|&a|*a|"+
	"!a|!!str|%a|@a|`a|'|\"|'a'|\"a\"|\\|\\n|[|]|{|}|[a]|{a: b}|,|a,b| a|a |  |2020-01-01|2020-01-01T00:00:00Z|---|...|"+
	"--- a|a\nb|a\n|\n|\ta|a\tb|é|日本|\x7f|\u0085|\u2028|\ufeff|<a>&|"+strings.Repeat("long ", 60)+"|"+strings.Repeat("k", 1100), "|")

var (
	tags   = []string{"", "!!str", "!!str", "!!str", "!!int", "!!bool", "!!null", "!!float", "!!timestamp", "!!binary", "!own", "tag:yaml.org,2002:str"}
	styles = []yaml.Style{0, 0, 0, 0, yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle, yaml.LiteralStyle, yaml.FoldedStyle, yaml.TaggedStyle}
)

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

// anyScalar is any node, or one as the parser of YAML makes it.
func anyScalar(random *rand.Rand) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Value: pick(random, odd)}
	if random.IntN(3) == 0 {
		node.Tag, node.Style = pick(random, tags), pick(random, styles)
	} else if parsed, err := yaml.Parse(node.Value); err == nil && parsed.YNode().Kind == yaml.ScalarNode {
		node = parsed.YNode()
	} else {
		node.Tag = yaml.NodeTagString
	}
	return node
}

func anyNode(random *rand.Rand, depth int) *yaml.Node {
	var node *yaml.Node
	switch kind := random.IntN(4); {
	case depth == 0 || kind == 0:
		node = anyScalar(random)
	case kind == 1:
		node = &yaml.Node{Kind: yaml.SequenceNode, Tag: pick(random, []string{"", "!!seq", "!!seq", "!own"})}
		for range random.IntN(3) {
			node.Content = append(node.Content, anyNode(random, depth-1))
		}
	default:
		node = anyMapping(random, depth)
	}
	if node.Kind != yaml.ScalarNode && random.IntN(8) == 0 {
		node.Style |= yaml.FlowStyle
	}
	switch comment := pick(random, []string{"# a", "#", "# a\n# b", "# a\n\n# b"}); random.IntN(24) {
	case 0:
		node.HeadComment = comment
	case 1:
		node.LineComment = comment
	case 2:
		node.FootComment = comment
	}
	return node
}

func anyMapping(random *rand.Rand, depth int) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode, Tag: pick(random, []string{"", "!!map", "!!map", "!!map"})}
	for range random.IntN(3) {
		node.Content = append(node.Content, anyScalar(random), anyNode(random, depth-1))
	}
	return node
}

func TestValuesAreThoseOfKustomize(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	plain, rounds := 0, 20_000
	for range rounds {
		node := anyMapping(random, 1+random.IntN(3))
		object := &resource.Resource{RNode: *yaml.NewRNode(node)}
		if _, ok := plainly(object); ok {
			plain++
		}
		compare(t, object, asYAML, (*resource.Resource).AsYAML)
		compare(t, object, asJSON, (*resource.Resource).MarshalJSON)
		if t.Failed() {
			return
		}
	}
	if plain < rounds/4 || plain > rounds*3/4 {
		t.Errorf("%d of %d trees are plain: too few of one kind to tell anything", plain, rounds)
	}
}

func compare(t *testing.T, object *resource.Resource, ours, theirs func(*resource.Resource) ([]byte, error)) {
	t.Helper()
	want, wantErr := said(theirs, object)
	got, gotErr := said(ours, object)
	if got != want || gotErr != wantErr {
		text, _ := object.RNode.String()
		t.Errorf("%q\nours:   %q %s\ntheirs: %q %s", text, got, gotErr, want, wantErr)
	}
}

func said(what func(*resource.Resource) ([]byte, error), object *resource.Resource) (text, failure string) {
	defer func() {
		if recover() != nil {
			failure = "panic"
		}
	}()
	found, err := what(object)
	if err != nil {
		failure = err.Error()
	}
	return string(found), failure
}
