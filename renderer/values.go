package main

import (
	"encoding/json"

	yamlv2 "go.yaml.in/yaml/v2" // which kustomize's AsYAML writes with
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const longestKey = 500 // bytes; YAML's parser refuses JSON with a key of more than 1,024

// plainTags are those that a mapping or a sequence has without anybody saying so.
var plainTags = map[string]bool{"": true, yaml.NodeTagMap: true, yaml.NodeTagSeq: true}

// asYAML is Resource.AsYAML, and asJSON is Resource.MarshalJSON. kustomize writes an object's tree as YAML, reads that
// again, writes JSON, and for YAML reads and writes once more: a quarter of the time of a build. Where nothing can
// change on this way, the values of the tree are what comes out of it; everything else goes it.
func asYAML(object *resource.Resource) ([]byte, error) {
	if value, ok := plainly(object); ok {
		return yamlv2.Marshal(value)
	}
	return object.AsYAML()
}

func asJSON(object *resource.Resource) ([]byte, error) {
	if value, ok := plainly(object); ok {
		return json.Marshal(value)
	}
	return object.MarshalJSON()
}

// plainly returns an object's values, if its tree is plain: of texts in one line of ASCII, whole numbers, booleans and
// nulls, without anchors, tags that say something else than the text, and comments in odd places.
func plainly(object *resource.Resource) (map[string]any, bool) {
	tree, value := object.YNode(), map[string]any{}
	if tree == nil || tree.Kind != yaml.MappingNode || !isPlainTree(tree, false, false) || tree.Decode(&value) != nil {
		return nil, false
	}
	return value, isPlain(value)
}

// isPlainTree allows comments where they cannot change what YAML's writer writes beside them: above anything, and behind
// a scalar that is no key, but not in braces or brackets.
func isPlainTree(node *yaml.Node, isKey, inFlow bool) bool {
	isScalar, isMapping := node.Kind == yaml.ScalarNode, node.Kind == yaml.MappingNode
	if node.LineComment != "" && (isKey || inFlow || !isScalar) || node.HeadComment != "" && inFlow {
		return false
	}
	if node.Anchor != "" || node.FootComment != "" {
		return false
	}
	if isScalar {
		return isPlainScalar(node)
	}
	if !isMapping && node.Kind != yaml.SequenceNode || !plainTags[node.Tag] || node.Style&^yaml.FlowStyle != 0 {
		return false
	}
	for index, item := range node.Content {
		if !isPlainTree(item, isMapping && index%2 == 0, inFlow || node.Style != 0) {
			return false
		}
	}
	return true
}

func isPlainScalar(node *yaml.Node) bool {
	for index := range len(node.Value) {
		if letter := node.Value[index]; letter < ' ' || letter > '~' {
			return false
		}
	}
	switch node.Tag {
	case yaml.NodeTagString:
		return node.Style&^(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 && node.Value != "<<"
	case "", yaml.NodeTagInt, yaml.NodeTagBool, yaml.NodeTagNull:
		return node.Style == 0 && node.Value != "" && node.Value != "<<"
	}
	return false
}

// isPlain is whether a value is written and read alike as YAML and as JSON.
func isPlain(value any) bool {
	switch given := value.(type) {
	case nil, bool, int, string:
		return true
	case []any:
		for _, item := range given {
			if !isPlain(item) {
				return false
			}
		}
		return true
	case map[string]any:
		for key, item := range given {
			if len(key) > longestKey || !isPlain(item) {
				return false
			}
		}
		return true
	}
	return false
}
